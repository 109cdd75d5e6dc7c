import { type Finding, SenderPolicy, version } from "sendergate";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type KeptDecision, keptDecision, keptDelivery, keptEvent } from "../../src/outbox/kept.ts";
import type { DeliveryEvent, LogEvent } from "../../src/outbox/event.ts";
import { project } from "../../src/projector.ts";
import { messageId } from "../../src/ids.ts";
import { type Database, freshDatabase } from "../database.ts";

const AT = Date.UTC(2026, 10, 23, 12, 30);
const policies = {
  block: new SenderPolicy({ domains: "a.example" }),
  alert: new SenderPolicy({ domains: "a.example", onUnauthorized: "alert" }),
};

let database: Database;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  const tables = ["messages", "deliveries", "statistics", "alerts", "users", "given_names", "lists"];
  await database.db.batch(tables.map((table) => database.db.prepare(`DELETE FROM ${table}`)));
});

const rows = async (sql: string) => (await database.db.prepare(sql).all()).results;

function event(from: string, { at = AT, kind = "block" as keyof typeof policies, ...rest }: Partial<LogEvent> & { kind?: keyof typeof policies } = {}): LogEvent {
  const header = new TextEncoder().encode(`From: ${from}\r\nSubject: x\r\n\r\n`);
  const decision = policies[kind].decide({ mailFrom: null, header });
  return {
    id: messageId(at),
    at,
    listId: "l1",
    username: "s1",
    mailFrom: null,
    recipients: ["to@b.example"],
    size: 100,
    decision,
    engine: version,
    accepted: decision.action !== "block",
    ...rest,
  };
}

test("a message is logged, counted and alerted once, however often it is told", async () => {
  const events = [event("me@a.example"), event("me@b.example"), event("me@b.example", { kind: "alert" })];
  await project(database.env, events, []);
  await project(database.env, [...events, ...events], []);
  expect(await rows("SELECT id, action, state, place, engine, recipients FROM messages ORDER BY action DESC, state")).toEqual([
    { id: events[2]?.id, action: "send-and-alert", state: "queued", place: "b.example", engine: version, recipients: '["to@b.example"]' },
    { id: events[0]?.id, action: "send", state: "queued", place: "a.example", engine: version, recipients: '["to@b.example"]' },
    { id: events[1]?.id, action: "block", state: "blocked", place: "b.example", engine: version, recipients: '["to@b.example"]' },
  ]);
  expect(await rows("SELECT day, username, action, level, messages, octets FROM statistics ORDER BY action")).toEqual(
    ["block", "send", "send-and-alert"].map((action) => ({ day: "2026-11-23", username: "s1", action, level: 3, messages: 1, octets: 100 })),
  );
  expect(await rows("SELECT action, count FROM alerts ORDER BY action")).toEqual([
    { action: "block", count: 1 },
    { action: "send-and-alert", count: 1 },
  ]);
});

test("the decision is kept as the engine gave it", async () => {
  const one = event('"\u0000 \\" \u202e" <me@b.example>, Ünïcode <c@d.example>');
  await project(database.env, [one], []);
  const [row] = await rows("SELECT decision, omitted FROM messages");
  expect(JSON.parse(String(row?.decision))).toEqual(one.decision);
  expect(row?.omitted).toBe(0);
});

test("the state is that of the last delivery, in whatever order they are told", async () => {
  const one = event("me@a.example");
  const delivery = (sequence: number, state: "deferred" | "delivered") => ({
    messageId: one.id,
    sequence,
    at: AT + sequence,
    listId: "l1",
    state,
    attempt: sequence,
    results: [{ recipient: "to@b.example", outcome: state, reply: "250 ok\r\nBcc: x", enhancedCode: "2.0.0" }],
  });
  await project(database.env, [one], [delivery(2, "delivered"), delivery(1, "deferred")]);
  await project(database.env, [], [delivery(1, "deferred"), delivery(2, "delivered")]);
  expect(await rows("SELECT state, sequence FROM messages")).toEqual([{ state: "delivered", sequence: 2 }]);
  const history = await rows("SELECT sequence, state, results FROM deliveries ORDER BY sequence");
  expect(history.map(({ sequence, state }) => [sequence, state])).toEqual([
    [1, "deferred"],
    [2, "delivered"],
  ]);
  expect(String(history[0]?.results)).not.toMatch(/\\r|\\n/);
});

test("of an attempt 64 KiB are kept, failures first, and of an accepted message 16 KiB of recipients", async () => {
  const recipients = Array.from({ length: 1_000 }, (_, index) => `r${String(index).padStart(3, "0")}${"x".repeat(index % 200)}@b.example`);
  const told = event("me@a.example", { recipients });
  const outcomes = ["delivered", "deferred", "failed"] as const;
  const results = recipients.map((recipient, index) => ({
    recipient, outcome: index >= 900 ? outcomes[index % 3] ?? "failed" : "delivered", reply: `450 ${"\u0001ü".repeat(500)}`, enhancedCode: "4.2.1",
  }));
  const delivery: DeliveryEvent = { messageId: told.id, sequence: 1, at: AT, listId: "l1", state: "deferred", attempt: 1, results, unchanged: 7 };
  await project(database.env, [keptEvent(told, 8_192)], [keptDelivery(delivery)]);
  const [row] = await rows("SELECT results, length(CAST(results AS BLOB)) AS octets, unchanged, omitted FROM deliveries");
  const kept = JSON.parse(String(row?.results)) as typeof results;
  expect(row?.octets).toBeLessThanOrEqual(65_536);
  expect(row?.octets).toBeGreaterThan(64_000);
  expect([Number(row?.omitted) + kept.length, row?.unchanged]).toEqual([1_000, 7]);
  const settledBy = (outcome: string) => recipients.filter((_, index) => results[index]?.outcome === outcome);
  const order = [...settledBy("failed"), ...settledBy("deferred"), ...settledBy("delivered")];
  expect(kept.map(({ recipient }) => recipient)).toEqual(order.slice(0, kept.length));
  expect(kept.length).toBeGreaterThan(100);
  const [message] = await rows("SELECT recipients, length(CAST(recipients AS BLOB)) AS octets, recipient_count FROM messages");
  expect(message?.octets).toBeLessThanOrEqual(16_384);
  expect(message?.octets).toBeGreaterThan(16_000);
  const first = JSON.parse(String(message?.recipients)) as string[];
  expect(first).toEqual(recipients.slice(0, first.length));
  expect(message?.recipient_count).toBe(1_000);
  expect(await rows("SELECT recipients FROM statistics")).toEqual([{ recipients: 1_000 }]);
});

test("the user's last message is the newest, and its version stands", async () => {
  await database.db.batch([
    database.db.prepare("INSERT INTO lists (id, name, created_at) VALUES ('l1', 'one', 0)"),
    database.db.prepare("INSERT INTO given_names VALUES ('s1')"),
    database.db.prepare(
      "INSERT INTO users (username, list_id, password_mac, pepper_id, created_at, updated_at) VALUES ('s1', 'l1', '', '', 0, 0)",
    ),
  ]);
  await project(database.env, [event("me@a.example", { at: AT + 5 }), event("me@a.example")], []);
  await project(database.env, [event("me@a.example", { at: AT - 5 })], []);
  expect(await rows("SELECT last_message_at, version FROM users")).toEqual([{ last_message_at: AT + 5, version: 1 }]);
});

test("ten thousand refused messages are one alert with their count", async () => {
  const storm = Array.from({ length: 10_000 }, (_, index) => event("me@b.example", { at: AT + index * 6 }));
  for (let start = 0; start < storm.length; start += 500) await project(database.env, storm.slice(start, start + 500), []);
  expect(await rows("SELECT id, count, first_at, last_at, last_message_id, summary <> '' AS said FROM alerts")).toEqual([
    { id: storm[0]?.id, count: 10_000, first_at: AT, last_at: AT + 59_994, last_message_id: storm.at(-1)?.id, said: 1 },
  ]);
  expect(await rows("SELECT messages FROM statistics")).toEqual([{ messages: 10_000 }]);
});

test("who sends from ever new domains raises no ever new alerts", async () => {
  await project(database.env, Array.from({ length: 1000 }, (_, index) => event(`me@d${index}.example`)), []);
  const alerts = await rows("SELECT place, count FROM alerts ORDER BY count");
  expect(alerts).toHaveLength(21);
  expect(alerts.at(-1)).toEqual({ place: "…", count: 980 });
});

test("a decision that is too long keeps what decided, first, and says what it left out", async () => {
  // One field holds few of them, and a section many fields.
  const many = Array.from({ length: 7_000 }, (_, index) => `Resent-From: x${index}@${index === 6_500 ? "b" : "a"}.example`);
  const long = event(`me@a.example\r\n${many.join("\r\n")}`);
  expect(long.decision.findings.length).toBeGreaterThan(7_000);
  await project(database.env, [long], []);
  const [row] = await rows("SELECT decision, omitted, length(CAST(decision AS BLOB)) AS octets, place FROM messages");
  const kept = JSON.parse(String(row?.decision)) as KeptDecision;
  expect(row?.octets).toBeLessThanOrEqual(8_192);
  expect(row?.octets).toBeGreaterThan(8_000);
  expect(row?.omitted).toBe(kept.omittedFindings);
  expect((kept.omittedFindings ?? 0) + kept.findings.length).toBe(long.decision.findings.length);
  expect(kept.decidedBy).toBe(0);
  expect(kept.findings[0]).toEqual(long.decision.findings[long.decision.decidedBy ?? -1]);
  expect(kept.findings.slice(1)).toEqual(long.decision.findings.slice(0, kept.findings.length - 1));
  expect(row?.place).toBe("b.example");
});

test("whatever a decision is, it fits; what decided is whole but for its candidates, and a second cut changes nothing", () => {
  const finding = (candidates: number, length: number, address?: string): Finding => ({
    identity: "from",
    field: 0,
    ...(address === undefined ? {} : { address }),
    candidates: Array.from({ length: candidates }, (_, index) => `${index}`.padEnd(length, "\u0001ü")),
    verdict: "ambiguous",
    reason: "several-readings",
  });
  const base = policies.block.decide({ mailFrom: "x@a.example" });
  for (const most of [2_048, 8_192]) {
    for (const [decidedBy, findings] of [
      [0, [finding(500, 60)]],
      [2, [finding(500, 60), finding(3, 20), finding(11, 30), finding(2, 10_000)]],
      [1, [finding(0, 0, "a@b.example"), finding(1, 60_000)]],
      [undefined, Array.from({ length: 400 }, (_, index) => finding(12, 5, `a${index}@b.example`))],
    ] as [number | undefined, Finding[]][]) {
      const { decidedBy: _, ...rest } = base;
      const decision: KeptDecision = { ...rest, findings, ...(decidedBy === undefined ? {} : { decidedBy }) };
      const kept = keptDecision(decision, most);
      expect(Buffer.byteLength(JSON.stringify(kept))).toBeLessThanOrEqual(most);
      expect(keptDecision(kept, most)).toEqual(kept);
      expect((kept.omittedFindings ?? 0) + (kept.omittedCandidates ?? 0)).toBeGreaterThan(0);
      const decided = decidedBy === undefined ? undefined : findings[decidedBy];
      expect(kept.decidedBy).toBe(decided === undefined ? undefined : 0);
      if (decided === undefined) continue;
      const { candidates = [] } = kept.findings[0] ?? {};
      expect(candidates.length).toBeGreaterThan(0);
      // One that is too long alone is there with its end.
      const [only = ""] = candidates;
      const whole = only.startsWith("…") ? [only] : decided.candidates?.slice(0, most === 8_192 ? 10 : candidates.length);
      expect(kept.findings[0]).toEqual({ ...decided, candidates: whole });
      if (only.startsWith("…")) expect(decided.candidates?.[0]?.endsWith(only.slice(1))).toBe(true);
    }
  }
  expect(keptDecision(base, 2_048)).toBe(base);
});

test("a finding that decided and is longer than all that is kept keeps its address, cut at the front where that alone is too long", () => {
  const { decidedBy: _, ...base } = policies.block.decide({ mailFrom: "x@a.example" });
  const cut = (finding: Partial<Finding>, most: number): KeptDecision & { first: Finding } => {
    const decided: Finding = { identity: "from", field: 0, verdict: "unauthorized", reason: "not-listed", ...finding };
    const kept = keptDecision({ ...base, decidedBy: 1, findings: [{ ...decided, address: "other@b.example" }, decided] }, most);
    expect(Buffer.byteLength(JSON.stringify(kept))).toBeLessThanOrEqual(most);
    return { ...kept, first: kept.findings[kept.decidedBy ?? -1] as Finding };
  };
  const long = Array.from({ length: 12 }, (_, index) => `${index}${"\u0001ü".repeat(200)}@c.example`);
  // The address whole, and of the candidates those that fit.
  const nearMiss = { list: "domains" as const, entry: "b.example", how: "typo-of-listed" };
  const { first, omittedCandidates = 0 } = cut({ address: "info@b.exemple", candidates: long, nearMiss }, 8_192);
  expect(first).toMatchObject({ address: "info@b.exemple", nearMiss });
  expect(first.candidates?.length).toBeGreaterThan(1);
  expect(first.candidates).toEqual(long.slice(0, 12 - omittedCandidates));
  // An address of 60,000 characters: its end, and that it is not whole is counted.
  for (const most of [2_048, 8_192]) {
    for (const unit of ["x", "\u0001ü", "\ud800", "😀", '"']) {
      const kept = cut({ address: `${unit.repeat(60_000)}@b.exemple`, candidates: ["one@b.exemple"] }, most);
      expect(kept.first.address).toMatch(/^….*@b\.exemple$/su);
      expect(Buffer.byteLength(JSON.stringify(kept))).toBeGreaterThan(most - 60);
      expect(kept.omittedCandidates).toBe(2);
      expect(kept.first.reason).toBe("not-listed");
    }
  }
});
