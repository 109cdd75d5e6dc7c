/** The register of the outboxes in which something waits for longer than a moment. */

export async function noteWaiting(env: Env, outbox: string, now: number): Promise<void> {
  await env.DB.prepare("INSERT INTO waiting_outboxes (outbox, since) VALUES (?, ?) ON CONFLICT DO NOTHING").bind(outbox, now).run();
}

export async function forgetWaiting(env: Env, outbox: string): Promise<void> {
  await env.DB.prepare("DELETE FROM waiting_outboxes WHERE outbox = ?").bind(outbox).run();
}

/**
 * At most `most` that were not taken at `now` or later, those first that were longest not. Each is put behind the others by being taken:
 * what follows is not lost by what goes wrong.
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
