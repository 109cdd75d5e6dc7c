import { SenderPolicy } from "sendergate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { messageId } from "../../src/ids.ts";
import type { DeliveryEvent, LogEvent } from "../../src/outbox/event.ts";
import { project } from "../../src/projector.ts";
import { type ListBody, createList, createUser, expected } from "../api.ts";
import { type Gate, freshGate } from "../gate.ts";

interface Item {
  id: string;
  [member: string]: unknown;
}
interface Page {
  items: Item[];
  next?: string;
}

const DAY = 24 * 60 * 60 * 1000;
const MIDNIGHT = Math.floor(Date.now() / DAY) * DAY;
const day = (before: number) => new Date(MIDNIGHT - before * DAY).toISOString().slice(0, 10);

let gate: Gate;
let list: ListBody;
let base: string;
let events: LogEvent[];
/** Of each day of the last three: 40 messages, four of them refused; two users take turns; levels 1 to 5. */
beforeAll(async () => {
  gate = await freshGate();
  list = await createList(gate);
  base = `/api/lists/${list.id}`;
  const names = [await createUser(gate, list.id), await createUser(gate, list.id)].map(({ username }) => username);
  const policy = new SenderPolicy({ domains: "shop.example" });
  events = Array.from({ length: 120 }, (_, turn): LogEvent => {
    const at = MIDNIGHT - Math.floor(turn / 40) * DAY + (40 - (turn % 40)) * 1000;
    const from = turn % 10 === 7 ? `spoof${turn % 20}@bank.example` : `info${turn}@shop.example`;
    const header = new TextEncoder().encode(`From: ${from}\r\nX-Priority: ${(turn % 5) + 1}\r\n\r\n`);
    const decision = policy.decide({ mailFrom: from, header });
    return {
      id: messageId(at),
      at,
      listId: list.id,
      username: names[turn % 2] as string,
      mailFrom: turn % 40 === 0 ? null : from,
      recipients: Array.from({ length: turn === 0 ? 9 : 1 }, (_, to) => `to${to}@customer.example`),
      size: 1000 + turn,
      client: "192.0.2.7",
      subject: `Order ${turn} <b>`,
      decision: turn % 40 === 0 ? policy.decide({ mailFrom: null, header }) : decision,
      engine: "0.1.0",
      accepted: decision.action !== "block",
    };
  });
  const [first] = events;
  const delivery = (sequence: number, state: DeliveryEvent["state"], outcome: "deferred" | "delivered", reply: string): DeliveryEvent => ({
    messageId: first?.id ?? "",
    sequence,
    at: (first?.at ?? 0) + sequence * 60_000,
    listId: list.id,
    state,
    attempt: sequence,
    results: [{ recipient: "to0@customer.example", outcome, reply, enhancedCode: outcome === "deferred" ? "4.2.1" : "2.0.0" }],
  });
  const env = await gate.inside();
  await project(env, events, [{ ...delivery(1, "deferred", "deferred", "450 later"), unchanged: 7, omittedResults: 1 }, delivery(2, "delivered", "delivered", "250 ok")]);
});
afterAll(() => gate.remove());

const get = <Body = Page>(path: string, status = 200) => expected<Body>(gate.admin("GET", base + path), status);
const newest = () => events.toSorted((one, other) => (one.id < other.id ? 1 : -1));

async function everyPage(path: string): Promise<Item[]> {
  const items: Item[] = [];
  let next: string | undefined;
  do {
    const page: Page = await get(`${path}${path.includes("?") ? "&" : "?"}limit=7${next === undefined ? "" : `&cursor=${next}`}`);
    items.push(...page.items);
    next = page.next;
  } while (next !== undefined);
  return items;
}

test("the log comes newest first, in pages, each message once", async () => {
  expect((await everyPage("/messages")).map(({ id }) => id)).toEqual(newest().map(({ id }) => id));
});

test.each<[string, (event: LogEvent) => boolean, number]>([
  ["action=block", ({ decision }) => decision.action === "block", 12],
  ["action=send", ({ decision }) => decision.action === "send", 108],
  ["action=send-and-alert", ({ decision }) => decision.action === "send-and-alert", 0],
  ["level=2", ({ decision }) => decision.priority.effective === 2, 24],
  ["state=blocked", ({ accepted }) => !accepted, 12],
  ["state=delivered", ({ subject }) => subject === "Order 0 <b>", 1],
  ["sender=BANK.example", ({ mailFrom }) => mailFrom?.includes("bank.example") === true, 12],
  ["sender=info40@", ({ subject }) => subject === "Order 40 <b>", 1],
  [`day=${day(1)}`, ({ at }) => at >= MIDNIGHT - DAY && at < MIDNIGHT, 40],
  [`since=${day(1)}`, ({ at }) => at >= MIDNIGHT - DAY, 80],
  [`until=${day(2)}&action=block`, ({ at, decision }) => at < MIDNIGHT - DAY && decision.action === "block", 4],
])("the log is filtered by %s", async (filter, wanted, count) => {
  const ids = newest().filter(wanted).map(({ id }) => id);
  expect(ids).toHaveLength(count);
  expect((await everyPage(`/messages?${filter}`)).map(({ id }) => id)).toEqual(ids);
});

test("the log is filtered by user", async () => {
  const name = events[1]?.username ?? "";
  const found = await everyPage(`/messages?user=${name}`);
  expect(found).toHaveLength(60);
  expect(new Set(found.map(({ user }) => user))).toEqual(new Set([name]));
  expect(await everyPage("/messages?user=snobody")).toEqual([]);
});

test("a message of the log has its findings, its recipients and its delivery", async () => {
  const [first] = events;
  const page = await get(`/messages?day=${day(0)}&include=decisions`);
  const shown = page.items.find(({ id }) => id === first?.id);
  expect(shown).toMatchObject({ mailFrom: null, recipientCount: 9, recipients: first?.recipients.slice(0, 5), state: "delivered" });
  expect(shown?.["decision"]).toEqual(first?.decision);
  expect(await get<Item>(`/messages/${first?.id}`)).toEqual({
    id: first?.id,
    at: new Date(first?.at ?? 0).toISOString(),
    user: first?.username,
    action: "send",
    verdict: "authorized",
    reason: first?.decision.reason,
    level: 1,
    state: "delivered",
    size: 1000,
    mailFrom: null,
    recipientCount: 9,
    recipients: first?.recipients,
    client: "192.0.2.7",
    subject: "Order 0 <b>",
    engine: "0.1.0",
    decision: first?.decision,
    deliveries: [
      { at: expect.any(String), attempt: 2, state: "delivered", results: [expect.objectContaining({ reply: "250 ok", enhancedCode: "2.0.0" })] },
      { at: expect.any(String), attempt: 1, state: "deferred", results: [expect.objectContaining({ reply: "450 later" })], unchanged: 7, omittedResults: 1 },
    ],
  });
});

test("another list's log is another list's", async () => {
  const other = await createList(gate);
  const { id } = events[0] as LogEvent;
  await expected(gate.admin("GET", `/api/lists/${other.id}/messages/${id}`), 404);
  for (const path of ["messages", "alerts", "statistics", "statistics/refused"]) {
    expect(await expected(gate.admin("GET", `/api/lists/${other.id}/${path}`), 200), path).toEqual({ items: [] });
    await expected(gate.admin("GET", `/api/lists/lnowhere/${path}`), 404);
  }
});

test("few matches in a long log: the pages are short and go on", async () => {
  const long = await createList(gate);
  const needle = messageId(MIDNIGHT - 30 * DAY);
  const many = Array.from({ length: 11_000 }, (_, turn) => ({ ...(events[1] as LogEvent), id: messageId(MIDNIGHT - turn), listId: long.id }));
  const rare = { ...(events[7] as LogEvent), id: needle, at: MIDNIGHT - 30 * DAY, listId: long.id, mailFrom: "needle@hay.example" };
  await project(await gate.inside(), [...many, rare], []);
  const found: Item[] = [];
  let pages = 0;
  let next: string | undefined;
  do {
    const path: string = `/api/lists/${long.id}/messages?sender=needle${next === undefined ? "" : `&cursor=${next}`}`;
    const page = await expected<Page>(gate.admin("GET", path), 200);
    found.push(...page.items);
    next = page.next;
    pages += 1;
  } while (next !== undefined);
  expect(found.map(({ id }) => id)).toEqual([needle]);
  expect(pages).toBe(3);
});

test("statistics count by what is asked for, the newest day first", async () => {
  const byDay = await get("/statistics?by=day");
  expect(byDay.items).toEqual([0, 1, 2].map((before) => ({
    day: day(before),
    messages: 40,
    recipients: before === 0 ? 48 : 40,
    octets: expect.any(Number),
  })));
  const byDefault = await everyPage("/statistics");
  expect(byDefault.map((row) => [row["day"], row["action"], row["messages"]])).toEqual(
    [0, 1, 2].flatMap((before) => [[day(before), "block", 4], [day(before), "send", 36]]),
  );
  const all = await everyPage("/statistics?by=user,level,action,day");
  expect(all.reduce((sum, row) => sum + Number(row["messages"]), 0)).toBe(120);
  expect(new Set(all.map((row) => JSON.stringify([row["day"], row["action"], row["level"], row["user"]]))).size).toBe(all.length);
  const name = events[1]?.username ?? "";
  expect((await get(`/statistics?by=action&user=${name}&since=${day(1)}`)).items).toEqual([
    expect.objectContaining({ action: "block", messages: 8 }),
    expect.objectContaining({ action: "send", messages: 32 }),
  ]);
  for (const query of ["by=hour", "by=", "by=day,", "since=today", "since=2026-02-30", "level=9", "limit=1000"]) {
    await get(`/${query.startsWith("level") ? "messages" : "statistics"}?${query}`, 422);
  }
});

test("who is refused most stands first", async () => {
  const { items } = await get(`/statistics/refused?since=${day(2)}`);
  expect(items).toEqual([
    expect.objectContaining({ place: "bank.example", messages: 12, reason: "not-listed", address: expect.stringMatching(/^spoof(7|17)@bank\.example$/) }),
  ]);
  expect((await get(`/statistics/refused?day=${day(0)}`)).items).toMatchObject([{ messages: 4 }]);
});

test("alerts come newest first, with their counts", async () => {
  const alerts = await everyPage("/alerts");
  expect(alerts.map(({ id }) => id)).toEqual(alerts.map(({ id }) => id).toSorted().reverse());
  expect(alerts.reduce((sum, { count }) => sum + Number(count), 0)).toBe(12);
  expect(alerts[0]).toMatchObject({
    action: "block",
    verdict: "unauthorized",
    place: "bank.example",
    summary: expect.stringContaining("bank.example"),
    client: "192.0.2.7",
    firstAt: expect.any(String),
    lastMessage: expect.any(String),
    address: expect.stringMatching(/^spoof\d+@bank\.example$/),
    identity: "mail-from",
    told: expect.any(Number),
  });
  expect(await everyPage(`/alerts?day=${day(1)}`)).toHaveLength(1);
  expect(await everyPage("/alerts?action=send-and-alert")).toEqual([]);
  expect(await everyPage(`/alerts?user=${events[0]?.username}`)).toEqual([]);
});

test("a deleted list leaves nothing of its log", async () => {
  const gone = await createList(gate);
  const { DB: db } = await gate.inside();
  await project(await gate.inside(), events.map((event) => ({ ...event, id: messageId(event.at), listId: gone.id })), []);
  const path = `/api/lists/${gone.id}`;
  expect(await expected(gate.admin("GET", path), 200)).toMatchObject({ holds: { messages: 120, alerts: 3 } });
  await expected(gate.admin("DELETE", path, undefined, { "if-match": '"1"' }), 204);
  const left = async () => {
    const tables = ["messages", "statistics", "alerts"].map((table) => `SELECT list_id FROM ${table}`).join(" UNION ALL ");
    return (await db.prepare(`SELECT count(*) AS n FROM (${tables}) WHERE list_id = ?`).bind(gone.id).first<{ n: number }>())?.n;
  };
  await expect.poll(left, { timeout: 10_000 }).toBe(0);
  expect((await get("/messages")).items).toHaveLength(50);
});
