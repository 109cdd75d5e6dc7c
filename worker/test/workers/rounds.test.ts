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
    const query = "SELECT state, attempt, unchanged, results FROM deliveries WHERE message_id = ? ORDER BY sequence";
    const { results } = await env.DB.prepare(query).bind(message.id).all<{ state: string; attempt: number; unchanged: number; results: string }>();
    return results.map(({ state, attempt, unchanged, results }) => {
      const told = (JSON.parse(results) as RecipientResult[]).map(({ recipient, outcome }) => `${recipient.split("@")[0]} ${outcome}`);
      return `${state} ${attempt}: ${[...told, ...(unchanged > 0 ? [`${unchanged} as before`] : [])].join(", ")}`;
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

test("who is put off again with the same words is counted, and told of no more until the words change", async () => {
  const { outbox, lease, log, at } = await waiting(["a", "b", "c"]);
  const busy = (name: string, reply = REPLIES.deferred, enhancedCode = "4.2.1") => ({ ...result(name, "deferred"), reply, enhancedCode });
  const rounds = [
    [busy("a"), busy("b"), busy("c")],
    [busy("a"), busy("b"), busy("c")],
    [busy("a"), busy("b", "450 4.2.1 full"), busy("c", REPLIES.deferred, "4.2.2")],
    [busy("a"), busy("b", "450 4.2.1 full"), busy("c")],
    [result("a", "delivered"), busy("b", "450 4.2.1 full"), result("c", "failed")],
    [busy("b", "450 4.2.1 full")],
  ];
  for (const [turn, results] of rounds.entries()) {
    at(500 * (turn + 1));
    const { leaseId } = await lease();
    // Told twice, as by a deliverer that did not hear the answer.
    for (const one of results) for (let times = 0; times < 2; times += 1) await outbox.tell(leaseId, [one]);
    await outbox.report(leaseId, results);
  }
  // A relay that cannot be reached after that is no other word.
  at(4_000);
  await outbox.unreachable((await lease()).leaseId, "connection refused");
  at(6 * 24 * 60);
  expect(await log()).toEqual([
    "deferred 1: a deferred, b deferred, c deferred",
    "deferred 2: 3 as before",
    "deferred 3: b deferred, c deferred, 1 as before",
    "deferred 4: c deferred, 2 as before",
    "deferred 5: a delivered, c failed, 1 as before",
    "deferred 6: 1 as before",
    "partly 6: b failed",
  ]);
});

test("a thousand recipients who are put off for five days take 64 KiB of the log and little more", async () => {
  const names = Array.from({ length: 1_000 }, (_, index) => `recipient-${index}`);
  const { outbox, message, lease, log, at } = await waiting(names);
  const reply = `450 4.2.1 ${"busy ".repeat(22)}`;
  let minutes = 0;
  for (let attempts = 0; minutes < 5 * 24 * 60; attempts += 1) {
    at(minutes);
    const { leaseId, recipients } = await lease();
    await outbox.report(leaseId, recipients.map((recipient) => ({ recipient, outcome: "deferred", reply, enhancedCode: "4.2.1" })));
    minutes += 270;
  }
  await log();
  const query = "SELECT count(*) AS n, sum(length(CAST(results AS BLOB))) AS octets, sum(unchanged) AS unchanged, sum(omitted) AS omitted FROM deliveries WHERE message_id = ?";
  const { n = 0, octets = 0, unchanged = 0, omitted = 0 } = (await env.DB.prepare(query).bind(message.id).first<Record<string, number>>()) ?? {};
  expect(n).toBeGreaterThan(20);
  expect(octets).toBeLessThan(65_536 + 2 * n);
  expect(unchanged).toBe((n - 1) * 1_000);
  expect(omitted).toBeGreaterThan(0);
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
