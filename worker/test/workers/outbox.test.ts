import { applyD1Migrations, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { beforeAll, expect, test } from "vitest";
import type { Lease, RecipientResult } from "../../src/outbox/types.ts";
import { acceptance } from "../acceptance.ts";
import { env } from "./made.ts";

beforeAll(() => applyD1Migrations(env.DB, env.MIGRATIONS));

let made = 0;
const fresh = () => env.OUTBOX.getByName(`test/${(made += 1)}`);
const results = (lease: Lease | undefined, outcome: RecipientResult["outcome"]): RecipientResult[] =>
  (lease?.recipients ?? []).map((recipient) => ({ recipient, outcome, reply: "x", enhancedCode: "4.0.0" }));

/** An outbox whose clock the test moves. */
async function clocked() {
  const outbox = fresh();
  let now = 1_800_000_000_000;
  await runInDurableObject(outbox, (instance) => {
    instance.now = () => now;
  });
  return { outbox, at: (minutes: number) => (now = 1_800_000_000_000 + minutes * 60_000) };
}

test("what is accepted is lent out once, and again when the lease ran out", async () => {
  const { outbox, at } = await clocked();
  const message = acceptance();
  expect(await outbox.accept(message)).toEqual({ outcome: "accepted", id: message.id });
  const [lease] = await outbox.lease(4);
  expect(lease).toMatchObject({ messageId: message.id, recipients: message.recipients, attempt: 1 });
  expect(await outbox.lease(4)).toEqual([]);
  at(1);
  const [again] = await outbox.lease(4);
  expect(again?.messageId).toBe(message.id);
  expect(again?.leaseId).not.toBe(lease?.leaseId);
  // The first holder's deferral is void; that it was delivered would have counted.
  await outbox.report(lease?.leaseId ?? "", results(lease, "deferred"));
  await outbox.renew([again?.leaseId ?? ""]);
  await outbox.report(again?.leaseId ?? "", results(again, "delivered"));
  expect(await outbox.holds([message.id])).toEqual([]);
});
