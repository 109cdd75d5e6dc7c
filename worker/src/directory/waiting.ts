/** The register of outboxes with messages that wait for some time. */

export async function noteWaiting(env: Env, outbox: string, now: number): Promise<void> {
  await env.DB.prepare("INSERT INTO waiting_outboxes (outbox, since) VALUES (?, ?) ON CONFLICT DO NOTHING").bind(outbox, now).run();
}

export async function forgetWaiting(env: Env, outbox: string): Promise<void> {
  await env.DB.prepare("DELETE FROM waiting_outboxes WHERE outbox = ?").bind(outbox).run();
}

/**
 * Takes at most `most` outboxes that were not taken at `now` or later, the longest waiting first. Each goes to the end of the
 * order when it is taken, so that a failure does not hold up the others.
 */
export async function takeWaiting(env: Env, now: number, most: number): Promise<string[]> {
  const { results } = await env.DB.prepare(
    `UPDATE waiting_outboxes SET woken_at = ?1 WHERE outbox IN (
       SELECT outbox FROM waiting_outboxes WHERE woken_at < ?1 ORDER BY woken_at LIMIT ?2
     ) RETURNING outbox`,
  )
    .bind(now, most)
    .all<{ outbox: string }>();
  return results.map(({ outbox }) => outbox);
}
