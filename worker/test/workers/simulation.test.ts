/**
 * A week of a list's traffic through the real store, with a simulated clock: newsletters in bursts, urgent mail in between,
 * recipients that defer, a relay that is down for an afternoon.
 */
import { runInDurableObject } from "cloudflare:test";
import type { PriorityLevel } from "sendergate";
import { expect, test } from "vitest";
import { Store } from "../../src/outbox/store.ts";
import type { Lease, RecipientResult } from "../../src/outbox/types.ts";
import { acceptance } from "../acceptance.ts";
import { env } from "./made.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 10, 16);
const CONNECTIONS = 4;
/** What one delivery takes. */
const TAKES = 8 * SECOND;
const DEAD = { from: START + 2 * DAY + 13 * HOUR, until: START + 2 * DAY + 17 * HOUR };

/** mulberry32: the same week every time. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Arrival {
  at: number;
  level: PriorityLevel;
}

function week(random: () => number): Arrival[] {
  const arrivals: Arrival[] = [];
  const spread = (level: PriorityLevel, perDay: number) => {
    for (let at = START; at < START + 7 * DAY; at += (-Math.log(1 - random()) * DAY) / perDay) arrivals.push({ at: Math.floor(at), level });
  };
  const burst = (at: number, level: PriorityLevel, count: number, within: number) => {
    for (let sent = 0; sent < count; sent += 1) arrivals.push({ at: Math.floor(at + random() * within), level });
  };
  spread(1, 96);
  spread(2, 150);
  spread(3, 400);
  for (let day = 0; day < 7; day += 1) {
    const midnight = START + day * DAY;
    // Invoices at six, the newsletter at nine, a shop's wave at noon; on Friday all of it at once.
    burst(midnight + 6 * HOUR, 4, 250, 5 * MINUTE);
    burst(midnight + (day === 4 ? 12 : 9) * HOUR, 5, 800, MINUTE);
    burst(midnight + 12 * HOUR, 3, 300, 2 * MINUTE);
    if (day === 4) burst(midnight + 12 * HOUR, 3, 1_200, 2 * HOUR);
    burst(midnight + 12 * HOUR + 5 * MINUTE, 1, 40, MINUTE);
  }
  return arrivals.sort((a, b) => a.at - b.at);
}

interface Known {
  level: PriorityLevel;
  at: number;
  dueAt: number;
  leased: boolean;
  firstTry?: number;
  doneAt?: number;
  attempts: number;
}

/** The rule, written down a second time. */
const rank = ({ level, dueAt }: Known, now: number) => (level <= 2 ? level : Math.max(2, level - Math.floor((now - dueAt) / (15 * MINUTE))));

const quantile = (sorted: number[], part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
function shown(milliseconds: number): string {
  if (milliseconds < MINUTE) return `${Math.round(milliseconds / SECOND)} s`;
  if (milliseconds < HOUR) return `${Math.round(milliseconds / MINUTE)} min`;
  return `${(milliseconds / HOUR).toFixed(1)} h`;
}

test("a week: the order holds, what waits rises, urgent mail waits for one delivery at most", { timeout: 120_000 }, async () => {
  const random = randomOf(7);
  const arrivals = week(random);
  const known = new Map<string, Known>();
  const waiting = new Set<string>();
  let disorder = 0;
  let risen = 0;
  let urgentRetriesAtOnce = 0;

  await runInDurableObject(env.OUTBOX.getByName("simulation"), (_instance, state) => {
    const store = new Store(state.storage, () => 65_536);
    const underWay: { lease: Lease; endsAt: number }[] = [];
    const limits = { connections: CONNECTIONS, leaseMs: MINUTE };
    let leaseCount = 0;
    let next = 0;
    let now = START;

    const take = () => {
      const leases = store.lease(CONNECTIONS, now, limits, () => String((leaseCount += 1)));
      for (const lease of leases) {
        const message = known.get(lease.messageId) as Known;
        const better = [...waiting].map((id) => known.get(id) as Known).filter((other) => !other.leased && other.dueAt <= now && other !== message)
          .filter((other) => rank(other, now) < rank(message, now) || (rank(other, now) === rank(message, now) && other.dueAt < message.dueAt));
        // Only a retry of level 1 may be passed over, where half of the connections have one.
        disorder += better.filter(({ level, attempts }) => !(level === 1 && attempts > 0)).length;
        if (rank(message, now) < message.level) risen += 1;
        message.leased = true;
        message.firstTry ??= now;
        underWay.push({ lease, endsAt: now + (dead() ? SECOND : TAKES) });
      }
      const retries = underWay.filter(({ lease }) => lease.level === 1 && lease.attempt > 1).length;
      urgentRetriesAtOnce = Math.max(urgentRetriesAtOnce, retries);
    };
    const dead = () => now >= DEAD.from && now < DEAD.until;

    const end = (lease: Lease) => {
      const message = known.get(lease.messageId) as Known;
      message.leased = false;
      if (dead()) return store.unreachable(lease.leaseId, "connection refused", now);
      // One in twenty is put off at the first try, as by greylisting; one in two hundred is refused.
      const luck = random();
      const outcome: RecipientResult["outcome"] = luck < 0.005 ? "failed" : luck < 0.055 ? "deferred" : "delivered";
      const pause = { random: 0.5 };
      store.report(lease.leaseId, lease.recipients.map((recipient) => ({ recipient, outcome, reply: "-", enhancedCode: "2.0.0" })), now, () => pause.random);
      message.attempts += 1;
      if (outcome === "deferred") message.dueAt = now + ([1, 5, 15, 30, 60, 120, 240][Math.min(message.attempts, 7) - 1] ?? 0) * MINUTE;
      else {
        message.doneAt = now;
        waiting.delete(lease.messageId);
      }
    };

    for (;;) {
      const arrival = arrivals[next]?.at ?? Number.POSITIVE_INFINITY;
      const ending = Math.min(...underWay.map(({ endsAt }) => endsAt));
      const upkeep = () => (underWay.length < CONNECTIONS ? (store.outlook(now).next ?? 0) : 0);
      let due = upkeep();
      if (due > 0 && due <= now) {
        store.prune(now);
        due = upkeep();
      }
      // What is due already and was not lent out waits for a connection.
      const at = Math.min(arrival, ending, due > now ? due : Number.POSITIVE_INFINITY);
      if (at === Number.POSITIVE_INFINITY || (next >= arrivals.length && waiting.size === 0)) break;
      now = at;
      while ((arrivals[next]?.at ?? Number.POSITIVE_INFINITY) <= now) {
        const { level } = arrivals[next] as Arrival;
        const message = acceptance({ now, level, username: "suser" });
        store.accept(message, now, now + DAY);
        known.set(message.id, { level, at: now, dueAt: now, leased: false, attempts: 0 });
        waiting.add(message.id);
        next += 1;
      }
      for (const done of underWay.filter(({ endsAt }) => endsAt <= now)) {
        underWay.splice(underWay.indexOf(done), 1);
        end(done.lease);
      }
      if (underWay.length < CONNECTIONS) take();
      const { seqs } = store.ledger.events();
      store.ledger.projected(seqs);
    }
  });

  const touched = ({ at, firstTry = 0 }: Known) => at < DEAD.until && firstTry >= DEAD.from;
  const rows = ([1, 2, 3, 4, 5] as const).map((level) => {
    const all = [...known.values()].filter((message) => message.level === level);
    const waits = (some: Known[]) => some.map(({ at, firstTry = 0 }) => firstTry - at).sort((a, b) => a - b);
    const usual = waits(all.filter((message) => !touched(message)));
    const during = waits(all.filter(touched));
    const done = all.map(({ at, doneAt = 0 }) => doneAt - at);
    return { level, messages: all.length, median: quantile(usual, 0.5), p99: quantile(usual, 0.99), worst: usual.at(-1) ?? 0, dead: during.at(-1), done: Math.max(...done) };
  });
  console.log(
    [
      "| level | messages | median wait | p99 | worst wait | worst, relay dead for 4 h | until delivered or refused, worst |",
      "| --- | --- | --- | --- | --- | --- | --- |",
      ...rows.map(({ level, messages, median, p99, worst, dead, done }) =>
        `| ${[level, messages, shown(median), shown(p99), shown(worst), dead === undefined ? "–" : shown(dead), shown(done)].join(" | ")} |`),
      "",
      `${risen} of ${known.size} messages were sent after they had risen.`,
    ].join("\n"),
  );

  expect([...known.values()].every(({ doneAt }) => doneAt !== undefined)).toBe(true);
  expect(disorder).toBe(0);
  expect(risen).toBeGreaterThan(100);
  expect(urgentRetriesAtOnce).toBeLessThanOrEqual(CONNECTIONS / 2);
  const [first, second, third, fourth, fifth] = rows;
  // A burst of 40 urgent ones takes ten turns of the four connections, and one turn may be under way.
  expect(first?.worst).toBeLessThanOrEqual(12 * TAKES);
  expect(first?.dead).toBeLessThanOrEqual(DEAD.until - DEAD.from + 5 * MINUTE);
  for (const row of [second, third, fourth, fifth]) expect(row?.worst).toBeLessThan(3 * HOUR);
  expect(third?.median).toBeLessThan(MINUTE);
});
