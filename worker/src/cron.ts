/**
 * The jobs of every minute. Each job has its own time and fails alone: the others run, and the next minute tries it again. If one
 * failed, the whole run fails after the last job, so that the operator sees it.
 */
import { sendDueNotices } from "./alerts/dispatch.ts";
import { raiseAllNotices } from "./alerts/notices.ts";
import { sealAnew } from "./alerts/secrets.ts";
import { type TimeLeft, within } from "./clock.ts";
import { recordRun } from "./directory/clock.ts";
import { log } from "./log.ts";
import { prune } from "./logbook/prune.ts";
import { sweepBodies } from "./outbox/sweep.ts";
import { wakeOutboxes } from "./outbox/wake.ts";

const SECOND = 1_000;
/** A job checks its time once a step, so it may take a little longer. After this it hangs. */
const GRACE = 15 * SECOND;

/** The jobs in order, with the time of each. */
export const PARTS: readonly { name: string; seconds: number; run: (env: Env, now: number, timeLeft: TimeLeft) => Promise<unknown> }[] = [
  { name: "outboxes", seconds: 8, run: wakeOutboxes },
  { name: "alerts", seconds: 8, run: raiseAllNotices },
  { name: "notices", seconds: 16, run: sendDueNotices },
  { name: "secrets", seconds: 4, run: sealAnew },
  { name: "pruning", seconds: 12, run: prune },
  { name: "bodies", seconds: 8, run: sweepBodies },
];

/** @throws Error with the names of the jobs that failed, after all of them. */
export async function everyMinute(env: Env, now = Date.now(), parts = PARTS): Promise<void> {
  const failed: string[] = [];
  for (const { name, seconds, run } of parts) {
    try {
      const end = Date.now() + seconds * SECOND;
      await within(run(env, now, () => Date.now() < end), seconds * SECOND + GRACE);
    } catch (error) {
      failed.push(name);
      log("error", "clock-part-failed", { part: name }, error);
    }
  }
  await recordRun(env, parts.map(({ name }) => name), failed, Date.now());
  if (failed.length > 0) throw new Error(`the clock's parts that failed: ${failed.join(", ")}`);
}
