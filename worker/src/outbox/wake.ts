/** Wakes stuck outboxes, which the directory registers. Alarms survive restarts; this is for an alarm that is lost all the same. */
import { type TimeLeft, within } from "../clock.ts";
import { takeWaiting } from "../directory/waiting.ts";
import { log } from "../log.ts";

/** Outboxes that are woken at the same time, and how long to wait for one. */
const AT_ONCE = 20;
const LONGEST_MS = 5_000;

const woken = async (env: Env, outbox: string) => env.OUTBOX.get(env.OUTBOX.idFromString(outbox)).wake();

/**
 * Wakes outboxes while there is time, the longest waiting first. One that does not wake holds up no other.
 *
 * @throws Error if none wakes.
 */
export async function wakeOutboxes(env: Env, now = Date.now(), timeLeft: TimeLeft = () => true): Promise<void> {
  let awake = 0;
  let failed = 0;
  for (let taken = AT_ONCE; taken === AT_ONCE && timeLeft(); ) {
    const outboxes = await takeWaiting(env, now, AT_ONCE);
    taken = outboxes.length;
    const answers = await Promise.allSettled(outboxes.map((outbox) => within(woken(env, outbox), LONGEST_MS)));
    answers.forEach((answer, place) => {
      if (answer.status === "fulfilled") awake += 1;
      else {
        failed += 1;
        log("error", "outbox-did-not-wake", { outbox: outboxes[place] }, answer.reason);
      }
    });
  }
  if (failed > 0 && awake === 0) throw new Error(`${failed} outboxes did not wake`);
}
