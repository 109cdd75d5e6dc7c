/** The worker's entry: HTTP, queues, cron, and the durable objects. */
import { sendNotice } from "./alerts/dispatch.ts";
import type { NoticeJob } from "./alerts/notices.ts";
import { app } from "./app.ts";
import { everyMinute } from "./cron.ts";
import { settings } from "./settings.ts";
import { deliverFrom } from "./delivery/deliver.ts";
import { deliveryReport } from "./delivery/report.ts";
import { AcceptingOutbox } from "./outbox/outbox.ts";
import type { DeliveryJob } from "./outbox/types.ts";
import { project } from "./projector.ts";

export { Allowance } from "./intake/allowance.ts";
export { Throttle } from "./auth/throttle.ts";

/** The outbox, with the functions that take its events and reports. */
export class Outbox extends AcceptingOutbox {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, {
      project: (events, deliveries) => project(env, events, deliveries),
      report: (failure, original, id) => deliveryReport(failure, original, settings(env).HOSTNAME, id),
    });
  }
}

export default {
  fetch: app.fetch,
  async queue({ messages }, env, context) {
    const work = Promise.all(messages.map(({ body }) => ("notice" in body ? sendNotice(env, body.notice) : deliverFrom(env, body.outbox))));
    // Where the queue has one consumer at a time, a slow server would hold up every other outbox.
    if (settings(env).SERIAL_QUEUE) context.waitUntil(work);
    else await work;
  },
  scheduled: ({ scheduledTime }, env) => everyMinute(env, scheduledTime),
} satisfies ExportedHandler<Env, DeliveryJob | NoticeJob>;
