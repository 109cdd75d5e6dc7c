/** The worker's entry: HTTP, queue, cron, and the durable objects. */
import { app } from "./app.ts";
import type { Env } from "./env.ts";
import { deliverFrom } from "./outbox/deliver.ts";
import type { DeliveryJob } from "./outbox/types.ts";

export { Outbox } from "./outbox/outbox.ts";
export { Throttle } from "./auth/throttle.ts";

export default {
  fetch: app.fetch,
  async queue(batch, env) {
    await Promise.all(batch.messages.map(({ body }) => deliverFrom(env, body.outbox)));
  },
  async scheduled(_controller, _env) {},
} satisfies ExportedHandler<Env, DeliveryJob>;
