/** What the log keeps of the attempts at one message, whatever other servers say, at the real store and the real log. */
import { applyD1Migrations, runInDurableObject } from "cloudflare:test";
import { beforeAll, expect, test } from "vitest";
import { findMessage } from "../../src/logbook/log.ts";
import type { AcceptingOutbox } from "../../src/outbox/outbox.ts";
import type { Lease, RecipientResult } from "../../src/outbox/types.ts";
import { acceptance } from "../acceptance.ts";
import { env } from "./made.ts";

beforeAll(() => applyD1Migrations(env.DB, env.MIGRATIONS));

const START = 1_800_000_000_000;
const MINUTE = 60_000;
const FIVE_DAYS = 5 * 24 * 60;
/** As much as the relay keeps of one answer. */
const long = (text: string) => text.padEnd(400, ".");
const many = (count: number) => Array.from({ length: count }, (_, index) => `recipient-${index}@b.example`);

/** An outbox whose clock and settings the test sets. */
async function clocked(settings: { LOGGED_ATTEMPTS_BYTES?: string } = {}) {
  const outbox = env.OUTBOX.getByName(`attempts/${crypto.randomUUID()}`);
  let now = START;
  await runInDurableObject(outbox, (instance: AcceptingOutbox) => {
    instance.now = () => now;
    Object.assign(instance, { env: { ...env, ...settings } });
  });
  return { outbox, at: (minutes: number) => (now = START + minutes * MINUTE) };
}

/** What the log has of a message, the oldest attempt first, as the API shows it; and octets of answers. */
async function logged(list: string, id: string) {
  const { deliveries } = (await findMessage(env, list, id)) ?? { deliveries: [] };
  return deliveries.reverse().map((delivery) => ({ ...delivery, octets: Buffer.byteLength(JSON.stringify(delivery.results)) }));
}

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

/** A message that is put off for five days, by a server that says something else to everybody each time. */
async function putOff(count: number, settings: { LOGGED_ATTEMPTS_BYTES?: string } = {}) {
  const { outbox, at } = await clocked(settings);
  const message = acceptance({ recipients: many(count), now: START });
  await outbox.accept(message);
  let attempts = 0;
  for (let minute = 0; minute < FIVE_DAYS + 60; minute += minute < 60 ? 1 : 15) {
    at(minute);
    const [lease] = await outbox.lease(1);
    if (lease === undefined) continue;
    attempts += 1;
    const reply = (recipient: string) => long(`450 attempt ${attempts} for ${recipient}, come again`);
    await outbox.report(lease.leaseId, lease.recipients.map((recipient) => ({ recipient, outcome: "deferred", reply: reply(recipient), enhancedCode: "4.2.0" })));
  }
  await outbox.wake();
  expect(await outbox.holds([message.id])).toEqual([]);
  const log = await logged(message.listId, message.id);
  // Every attempt is there, and the end.
  expect(log.map(({ attempt }) => attempt)).toEqual([...Array.from({ length: attempts }, (_, index) => index + 1), attempts]);
  expect(attempts).toBeGreaterThan(30);
  for (const { results, omittedResults = 0 } of log) expect(results.length + omittedResults).toBe(count);
  return { log, between: log.slice(1, -1), first: log[0], last: log.at(-1), attempts };
}

test("a thousand recipients, other words at every attempt for five days: 192 KiB of answers, the first and the last in full", async () => {
  const { log, between, first, last, attempts } = await putOff(1_000);
  console.log(`${attempts} attempts at 1,000 recipients, other words each time: ${sum(log.map(({ octets }) => octets))} octets of answers in the log`);
  expect(sum(log.map(({ octets }) => octets))).toBeLessThanOrEqual(3 * 65_536);
  for (const [what, word] of [[first, "450 attempt 1 for"], [last, "given up after five days"]] as const) {
    expect(what?.octets).toBeGreaterThan(60_000);
    expect(what?.octets).toBeLessThanOrEqual(65_536);
    expect(what?.results[0]?.reply).toContain(word);
  }
  // The last words of the server stand in the end.
  expect(last?.results[0]?.reply).toContain(`attempt ${attempts} for`);
  // The share of those between is used, and grows smaller; some words are there for as long as there is room.
  expect(sum(between.map(({ octets }) => octets))).toBeLessThanOrEqual(65_536);
  expect(sum(between.map(({ octets }) => octets))).toBeGreaterThan(55_000);
  for (const [index, { octets }] of between.entries()) expect(octets).toBeLessThanOrEqual(between[index - 1]?.octets ?? 65_536 / 4);
});

test("who gets it in one of many attempts is named all the same, and that has an end too", async () => {
  const { outbox, at } = await clocked();
  const recipients = many(1_000);
  const message = acceptance({ recipients, now: START });
  await outbox.accept(message);
  // Ten rounds: each delivers to a hundred, with an answer as long as answers are kept of so many, and puts off the others.
  let minute = 0;
  for (let round = 1; round <= 10; minute += 5) {
    at(minute);
    const [lease] = await outbox.lease(1);
    if (lease === undefined) continue;
    const outcome = (index: number) => (index < 100 ? "delivered" : "deferred");
    const results = lease.recipients.map((recipient, index) => ({ recipient, outcome: outcome(index), reply: long(`${round} `), enhancedCode: "4.2.0" }) as const);
    await outbox.report(lease.leaseId, results);
    round += 1;
  }
  await outbox.wake();
  const log = await logged(message.listId, message.id);
  expect(log).toHaveLength(10);
  const delivered = log.flatMap(({ results }) => results.filter(({ outcome }) => outcome === "delivered").map(({ recipient }) => recipient));
  // 100 in the last, which has few; those of the first stand behind the deferrals.
  expect(delivered.length).toBeGreaterThan(500);
  expect(new Set(delivered).size).toBe(delivered.length);
  const between = log.slice(1, -1);
  const of = (wanted: boolean) => sum(between.map(({ results }) => Buffer.byteLength(JSON.stringify(results.filter(({ outcome }) => (outcome === "deferred") === wanted)))));
  expect(of(true)).toBeLessThanOrEqual(65_536 + 2 * between.length);
  expect(of(false)).toBeLessThanOrEqual(131_072 + 2 * between.length);
  expect(sum(log.map(({ octets }) => octets))).toBeLessThanOrEqual(5 * 65_536);
});

test("of one recipient every word stays", async () => {
  const { log } = await putOff(1);
  expect(log.flatMap(({ omittedResults = 0 }) => omittedResults).every((omitted) => omitted === 0)).toBe(true);
});

test("how much those between have is a setting, and 0 keeps the first and the last alone", async () => {
  for (const most of [0, 8_192]) {
    const { log, between } = await putOff(100, { LOGGED_ATTEMPTS_BYTES: String(most) });
    expect(log[0]?.results.length).toBe(100);
    // An empty array is two octets.
    expect(sum(between.map(({ octets }) => octets - 2))).toBeLessThanOrEqual(most);
    expect(between[0]?.results.length).toBe(most === 0 ? 0 : 4);
  }
});

test("a relay that is lost after each answer makes a hundred entries, and the last says how many answers are in none", async () => {
  const { outbox, at } = await clocked();
  const recipients = many(300);
  const message = acceptance({ recipients, now: START });
  await outbox.accept(message);
  const answer = (lease: Lease | undefined, outcome: RecipientResult["outcome"], count: number): RecipientResult[] =>
    (lease?.recipients ?? []).slice(0, count).map((recipient) => ({ recipient, outcome, reply: long(`450 for ${recipient}`), enhancedCode: "4.2.0" }));
  let told = 0;
  for (let minute = 0; told < recipients.length; minute += 2) {
    at(minute);
    const [lease] = await outbox.lease(1);
    told += answer(lease, "deferred", 1).length;
    await outbox.tell(lease?.leaseId ?? "", answer(lease, "deferred", 1));
    await outbox.unreachable(lease?.leaseId ?? "", "connection lost");
  }
  await outbox.wake();
  const before = await logged(message.listId, message.id);
  expect(before).toHaveLength(99);
  // The round is over, and the message is called so although its entries are.
  expect(before.map(({ state }) => state)).toEqual([...Array.from({ length: 98 }, () => "queued"), "deferred"]);
  expect((await findMessage(env, message.listId, message.id))?.message.state).toBe("deferred");
  at(700);
  const [lease] = await outbox.lease(1);
  await outbox.report(lease?.leaseId ?? "", answer(lease, "delivered", recipients.length));
  await outbox.wake();
  const log = await logged(message.listId, message.id);
  expect(log).toHaveLength(100);
  expect(log.at(-1)).toMatchObject({ state: "delivered", attempt: 2 });
  // 300 that were put off, and 300 that were delivered: each is in an entry, or counted.
  expect(sum(log.map(({ results, omittedResults = 0 }) => results.length + omittedResults))).toBe(600);
  expect(sum(log.map(({ octets }) => octets))).toBeLessThanOrEqual(3 * 65_536);
});
