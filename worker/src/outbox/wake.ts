/**
 * The outboxes in which something waits for longer than a moment, as D1 knows them. Alarms outlive a restart; this register is for
 * the alarm that was lost all the same, and it is written only when something gets stuck.
 */

/** Requests to objects in one run of the cron. */
const MOST = 200;

export async function register(env: Env, outbox: string, now: number): Promise<void> {
  await env.DB.prepare("INSERT INTO waiting_outboxes (outbox, since) VALUES (?, ?) ON CONFLICT DO NOTHING").bind(outbox, now).run();
}

export async function deregister(env: Env, outbox: string): Promise<void> {
  await env.DB.prepare("DELETE FROM waiting_outboxes WHERE outbox = ?").bind(outbox).run();
}

/** Has every outbox look after what it left undone. */
export async function wakeOutboxes(env: Env): Promise<void> {
  const query = env.DB.prepare("SELECT outbox FROM waiting_outboxes ORDER BY random() LIMIT ?").bind(MOST);
  const { results } = await query.all<{ outbox: string }>();
  const woken = await Promise.allSettled(results.map(({ outbox }) => env.OUTBOX.get(env.OUTBOX.idFromString(outbox)).wake()));
  const failed = woken.filter(({ status }) => status === "rejected").length;
  if (failed > 0) throw new Error(`${failed} of ${woken.length} outboxes did not wake`);
}
