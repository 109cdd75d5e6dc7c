/** Alarms outlive a restart; this is for the alarm that was lost all the same. Whoever is stuck is in the directory's register. */
import { type TimeLeft, within } from "../clock.ts";
import { takeWaiting } from "../directory/waiting.ts";
import { log } from "../log.ts";

/** Outboxes woken at once, and how long one is waited for. */
const AT_ONCE = 20;
const LONGEST_MS = 5_000;

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
