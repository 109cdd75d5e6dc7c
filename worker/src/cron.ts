/** What is done every minute. Each step stands alone: one that fails is tried again in the next minute, and keeps no other from its turn. */
import { sendDueNotices } from "./alerts/dispatch.ts";
import { raiseAllNotices } from "./alerts/notices.ts";
import { sealAnew } from "./alerts/secrets.ts";
import { prune } from "./logbook/prune.ts";
import { sweepBodies } from "./outbox/sweep.ts";
import { wakeOutboxes } from "./outbox/wake.ts";

const STEPS: Record<string, (env: Env) => Promise<unknown>> = {
  outboxes: (env) => wakeOutboxes(env),
  alerts: (env) => raiseAllNotices(env),
  notices: (env) => sendDueNotices(env),
  secrets: (env) => sealAnew(env),
  pruning: (env) => prune(env),
  // Once an hour, away from its beginning.
  bodies: async (env) => (new Date().getUTCMinutes() === 17 ? sweepBodies(env) : undefined),
};

export async function everyMinute(env: Env): Promise<void> {
  for (const [name, step] of Object.entries(STEPS)) {
    try {
      await step(env);
    } catch (error) {
      console.error(JSON.stringify({ level: "error", message: `cron: ${name} failed`, cause: String(error) }));
    }
  }
}
