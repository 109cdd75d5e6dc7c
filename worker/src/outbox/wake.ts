/**
 * The outboxes in which something waits for longer than a moment, as D1 knows them. Alarms outlive a restart; this register is for
 * the alarm that was lost all the same, and it is written only when something gets stuck.
 */
import { type TimeLeft, within } from "../clock.ts";
import { log } from "../log.ts";

/** Outboxes woken at once, and how long one is waited for. */
const AT_ONCE = 20;
const LONGEST_MS = 5_000;

export async function register(env: Env, outbox: string, now: number): Promise<void> {
  await env.DB.prepare("INSERT INTO waiting_outboxes (outbox, since) VALUES (?, ?) ON CONFLICT DO NOTHING").bind(outbox, now).run();
}

export async function deregister(env: Env, outbox: string): Promise<void> {
  await env.DB.prepare("DELETE FROM waiting_outboxes WHERE outbox = ?").bind(outbox).run();
}

const woken = async (env: Env, outbox: string) => env.OUTBOX.get(env.OUTBOX.idFromString(outbox)).wake();

/**
 * Has every outbox look after what it left undone, as many as the time allows, those first that it longest did not reach. One that does not
 * wake holds up no other.
 *
 * @throws Error where not one of several would wake, or the only one.
 */
export async function wakeOutboxes(env: Env, now = Date.now(), timeLeft: TimeLeft = () => true): Promise<void> {
  let awake = 0;
  let failed = 0;
  // Each is put behind the others before it is woken: what follows is not lost by what goes wrong.
  const next = env.DB.prepare(
    `UPDATE waiting_outboxes SET woken_at = ?1 WHERE outbox IN (
       SELECT outbox FROM waiting_outboxes WHERE woken_at < ?1 ORDER BY woken_at LIMIT ${AT_ONCE}
     ) RETURNING outbox`,
  );
  for (let taken = AT_ONCE; taken === AT_ONCE && timeLeft(); ) {
    const { results } = await next.bind(now).all<{ outbox: string }>();
    taken = results.length;
    const answers = await Promise.allSettled(results.map(({ outbox }) => within(woken(env, outbox), LONGEST_MS)));
    answers.forEach((answer, place) => {
      if (answer.status === "fulfilled") awake += 1;
      else {
        failed += 1;
        log("error", "outbox-did-not-wake", { outbox: results[place]?.outbox }, answer.reason);
      }
    });
  }
  if (failed > 0 && awake === 0) throw new Error(`${failed} outboxes did not wake`);
}
