/** A round tries every recipient of a message once, by as many leases as that takes. What was told in between stands. */
import { applyD1Migrations, runInDurableObject } from "cloudflare:test";
import { beforeAll, expect, test } from "vitest";
import type { AcceptingOutbox as Outbox } from "../../src/outbox/outbox.ts";
import type { Lease, RecipientResult } from "../../src/outbox/types.ts";
import { acceptance } from "../acceptance.ts";
import { env } from "./made.ts";

beforeAll(() => applyD1Migrations(env.DB, env.MIGRATIONS));

const MINUTE = 60_000;
const START = 1_800_000_000_000;
const REPLIES = { delivered: "250 2.0.0 ok", deferred: "450 4.2.1 busy", failed: "550 5.1.1 nobody" };
const result = (name: string, outcome: RecipientResult["outcome"]): RecipientResult => {
  const reply = REPLIES[outcome];
  return { recipient: `${name}@b.example`, outcome, reply, enhancedCode: reply.slice(4, 9) };
};

/** An outbox with one message to so many, whose clock the test moves. */
async function waiting(names: string[]) {
  const outbox = env.OUTBOX.getByName(`rounds/${crypto.randomUUID()}`);
  let now = START;
  await runInDurableObject(outbox, (instance: Outbox) => void (instance.now = () => now));
  const message = acceptance({ recipients: names.map((name) => `${name}@b.example`) });
  await outbox.accept(message);
  const lease = async (): Promise<Lease> => (await outbox.lease(1))[0] ?? ({ leaseId: "", recipients: [] as string[] } as Lease);
  const named = (lent: Lease) => lent.recipients.map((address) => address.split("@")[0]);
  const log = async () => {
    await outbox.wake();
    const query = "SELECT state, attempt, results FROM deliveries WHERE message_id = ? ORDER BY sequence";
    const { results } = await env.DB.prepare(query).bind(message.id).all<{ state: string; attempt: number; results: string }>();
    return results.map(({ state, attempt, results }) => {
      const told = (JSON.parse(results) as RecipientResult[]).map(({ recipient, outcome }) => `${recipient.split("@")[0]} ${outcome}`);
      return `${state} ${attempt}: ${told.join(", ")}`;
    });
  };
  return { outbox, message, lease, names: named, log, at: (minutes: number) => (now = START + minutes * MINUTE) };
}

test("what a lease told stands when it lapses, and those put off wait until all others were tried", async () => {
  const { outbox, lease, names, log, at } = await waiting(["a", "b", "c", "d"]);
  const first = await lease();
  expect(await outbox.tell(first.leaseId, [result("a", "delivered"), result("b", "deferred")])).toBe(MINUTE);
  at(2);
  const second = await lease();
  expect([names(second), second.attempt]).toEqual([["c", "d"], 1]);
  await outbox.unreachable(second.leaseId, "connection refused");
  at(3);
  const third = await lease();
  expect([names(third), third.attempt]).toEqual([["c", "d"], 1]);
  await outbox.tell(third.leaseId, [result("c", "failed")]);
  await outbox.report(third.leaseId, [result("d", "deferred")]);
  expect(names(await lease())).toEqual([]);
  at(5);
  const fourth = await lease();
  expect([names(fourth), fourth.attempt]).toEqual([["b", "d"], 2]);
  await outbox.report(fourth.leaseId, [result("b", "delivered"), result("d", "delivered")]);
  expect(await log()).toEqual([
    "queued 1: a delivered, b deferred",
    "deferred 1: c failed, d deferred",
    "partly 2: b delivered, d delivered",
  ]);
});

test("a holder that is late: what was delivered or refused counts, what was put off does not, and its lease is not renewed", async () => {
  const { outbox, message, lease, log, at } = await waiting(["a", "b", "c"]);
  const late = await lease();
  at(2);
  const holder = await lease();
  expect(await outbox.renew(late.leaseId)).toBe(0);
  expect(await outbox.tell(late.leaseId, [result("a", "delivered"), result("b", "deferred")])).toBe(0);
  // The first word on somebody who is settled is the last.
  await outbox.report(holder.leaseId, [result("a", "failed"), result("b", "failed")]);
  expect((await outbox.lease(1)).map(({ recipients }) => recipients)).toEqual([["c@b.example"]]);
  at(4);
  // With nobody left to try it is over, whoever holds it.
  const last = await lease();
  expect(await outbox.tell(late.leaseId, [result("c", "delivered")])).toBe(0);
  expect(await outbox.renew(last.leaseId)).toBe(0);
  expect(await log()).toEqual(["queued 1: a delivered, b failed", "partly 1: c delivered"]);
  expect(await outbox.holds([message.id])).toEqual([]);
});

test("all failures of one lease are in one report, however often it told", async () => {
  const { outbox, lease } = await waiting(["a", "b", "c"]);
  const lent = await lease();
  await outbox.tell(lent.leaseId, [result("a", "failed")]);
  await outbox.tell(lent.leaseId, [result("b", "failed")]);
  await outbox.report(lent.leaseId, [result("c", "delivered")]);
  await outbox.wake();
  const reports = await outbox.lease(4);
  expect(reports).toHaveLength(1);
  const text = await (await env.BODIES.get(`bodies/${reports[0]?.messageId}`))?.text();
  expect(Array.from(text?.matchAll(/^Final-Recipient: rfc822; (\S+)/gm) ?? [], ([, address]) => address)).toEqual(["a@b.example", "b@b.example"]);
});
