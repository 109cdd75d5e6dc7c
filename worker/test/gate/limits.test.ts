/** How much one user may hand in, and what it costs to be over that. */
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { ADMIN_TOKEN, type Gate, freshGate, startOn } from "../gate.ts";
import { type Account, type Answer, account, arrived, basic, check, envelope, message, send, statusOf } from "../sending.ts";

let gate: Gate;
beforeAll(async () => {
  gate = await freshGate({ MESSAGES_PER_MINUTE: "5" });
});
afterAll(() => gate.remove());

const query = envelope("info@allowed.example", "you@there.example");
const over = (answer: Answer, per = "minute", limit = 5, counted = "messages") => {
  expect(answer).toMatchObject({ status: 429, code: "too-many-messages", counted, limit, per });
  const { until } = JSON.parse(answer.text) as { until: string };
  const seconds = Number(answer.headers.get("retry-after"));
  expect(Math.abs(Date.parse(until) - Date.now() - seconds * 1_000)).toBeLessThan(1_500);
  return seconds;
};

async function doorOf(user: Account): Promise<Record<string, string>> {
  const made = await gate.admin("POST", "/api/service-tokens", { name: "door", lists: [user.list] });
  const { token } = (await made.json()) as { token: string };
  return { authorization: `Bearer ${token}`, "sendergate-user": user.username };
}

/** Rows of the log and of what the outboxes hold, and bodies: what a message leaves behind. */
async function left(user: Account): Promise<number> {
  const { DB, BODIES } = await gate.inside();
  const rows = await DB.prepare("SELECT count(*) AS n FROM messages WHERE username = ?").bind(user.username).first<number>("n");
  return (rows ?? 0) + (await BODIES.list()).objects.length;
}

test("accepted, refused and malformed messages, checks and requests that are none: each counts, and what is over leaves nothing", async () => {
  const busy = await account(gate);
  const sent = await send(gate, busy);
  expect(sent.status).toBe(202);
  expect((await send(gate, busy, message("boss@elsewhere.example"))).status).toBe(403);
  expect((await send(gate, busy, "no field\r\n\r\n")).status).toBe(422);
  expect((await check(gate, busy, "", message())).status).toBe(200);
  expect((await send(gate, busy, message(), {}, "to=nobody")).status).toBe(422);
  await arrived(gate, sent.id);
  await vi.waitFor(async () => expect(await left(busy)).toBe(3), 5_000);
  for (const body of [message(), message("boss@elsewhere.example"), "no field\r\n\r\n"]) over(await send(gate, busy, body));
  over(await check(gate, busy, query, message()));
  over(await check(gate, busy, query));
  over(await send(gate, busy, message(), {}, "to=nobody"));
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(await left(busy)).toBe(3);
  // Nobody else notices, and who may not at all is told that.
  expect((await send(gate, await account(gate))).status).toBe(202);
  expect((await send(gate, { ...busy, password: "wrong" })).status).toBe(401);
});

test("of many at once so many are taken as may be, and no more", async () => {
  const busy = await account(gate);
  const answers = await Promise.all(Array.from({ length: 40 }, () => check(gate, busy, query, message())));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
  for (const answer of answers.filter(({ status }) => status !== 200)) over(answer);
});

const long = { "content-type": "message/rfc822", "content-length": "20000000" };

test("the body of one that is over is not waited for, and not read", async () => {
  const busy = await account(gate);
  for (let asked = 0; asked < 5; asked += 1) await check(gate, busy, query);
  for (const path of [`/v1/messages?${query}`, `/v1/messages/check?${query}`]) {
    const begun = Date.now();
    const headers = { ...long, authorization: basic(busy.username, busy.password) };
    expect(await statusOf(gate, path, headers, "From: ")).toBe(429);
    expect(Date.now() - begun).toBeLessThan(3_000);
  }
  // A client that writes it all hears the answer nevertheless.
  for (const size of [50_000, 900_000]) over(await send(gate, busy, message("info@allowed.example", "", "x".repeat(size))));
});

test("nor is that of a stranger", async () => {
  for (const authorization of [undefined, basic("snobody", "wrong")]) {
    const begun = Date.now();
    const headers = { ...long, ...(authorization === undefined ? {} : { authorization }) };
    expect(await statusOf(gate, `/v1/messages?${query}`, headers, "From: ")).toBe(401);
    expect(Date.now() - begun).toBeLessThan(3_000);
  }
  const written = await send(gate, { ...(await account(gate)), password: "wrong" }, message("info@allowed.example", "", "x".repeat(900_000)));
  expect(written.status).toBe(401);
});

test("what a door asks at MAIL is not counted; what it hands in is, and a check that has a body", async () => {
  const busy = await account(gate);
  const door = await doorOf(busy);
  for (let asked = 0; asked < 12; asked += 1) expect((await check(gate, busy, query, undefined, door)).status).toBe(200);
  for (let asked = 0; asked < 4; asked += 1) expect((await send(gate, busy, message(), door)).status).toBe(202);
  expect((await check(gate, busy, query, message(), door)).status).toBe(200);
  over(await send(gate, busy, message(), door));
  over(await check(gate, busy, query, message(), door));
  expect((await check(gate, busy, query, undefined, door)).status).toBe(200);
  // By itself the user is counted whatever it asks.
  over(await check(gate, busy, query));
});

test("recipients are limited a day: of messages and checks, each once, before the body; who is over by a few may still write to fewer", async () => {
  const own = await freshGate({ RECIPIENTS_PER_DAY: "20" });
  try {
    const busy = await account(own);
    const to = (count: number, from = 0) => envelope("info@allowed.example", ...Array.from({ length: count }, (_, index) => `r${from + index}@there.example`));
    // Waiting would not help one that has more by itself; what is wrong with an envelope is said as before.
    expect(await send(own, busy, message(), {}, to(21))).toMatchObject({ status: 422, code: "invalid-envelope", parameter: "to" });
    expect(await check(own, busy, to(21))).toMatchObject({ status: 422, code: "invalid-envelope", parameter: "to" });
    expect((await send(own, busy, message(), {}, `${to(3)}&to=nobody`)).status).toBe(422);
    // The same one twice is one.
    expect((await send(own, busy, message(), {}, `${to(8)}&to=r0%40there.example`)).status).toBe(202);
    expect((await check(own, busy, to(4), message())).status).toBe(200);
    // Refused ones count too.
    const field = { "sendergate-envelope": Buffer.from(JSON.stringify({ from: "info@allowed.example", to: ["a@there.example", "b@there.example", "c@there.example", "d@there.example"] })).toString("base64url") };
    expect((await send(own, busy, message("boss@elsewhere.example"), field, "")).status).toBe(403);
    for (let again = 0; again < 2; again += 1) {
      expect(over(await send(own, busy, message(), {}, to(5)), "day", 20, "recipients")).toBeGreaterThan(23 * 3_600);
      over(await check(own, busy, to(6)), "day", 20, "recipients");
    }
    const begun = Date.now();
    const headers = { ...long, authorization: basic(busy.username, busy.password) };
    expect(await statusOf(own, `/v1/messages?${to(5)}`, headers, "From: ")).toBe(429);
    expect(Date.now() - begun).toBeLessThan(3_000);
    expect((await send(own, busy, message(), {}, to(4))).status).toBe(202);
    over(await send(own, busy, message(), {}, to(1)), "day", 20, "recipients");
    expect((await check(own, busy, envelope("info@allowed.example"))).status).toBe(200);
    const { paths } = (await (await fetch(`${own.url}/openapi.json`)).json()) as { paths: Record<string, Record<string, { responses: Record<string, { content: Record<string, { schema: object }> }> }>> };
    expect(paths["/v1/messages"]?.["post"]?.responses["429"]?.content["application/problem+json"]?.schema).toEqual({ $ref: "#/components/schemas/LimitReached" });
  } finally {
    await own.remove();
  }
});

test("the day's count outlives the gate", async () => {
  const vars = { MESSAGES_PER_DAY: "3" };
  const first = await freshGate(vars);
  let busy: Account;
  try {
    busy = await account(first);
    for (let asked = 0; asked < 3; asked += 1) expect((await check(first, busy, query)).status).toBe(200);
    expect(over(await check(first, busy, query), "day", 3)).toBeGreaterThan(23 * 3_600);
    // What was counted within the last second may be lost.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    // As hard as a power cut.
    for (const pid of (await first.workerd()).slice(-1)) process.kill(pid, "SIGKILL");
  } finally {
    await first.stop().catch(() => undefined);
  }
  const second = await startOn(first.data, vars);
  try {
    over(await check(second, busy, query), "day", 3);
    expect((await fetch(`${second.url}/api/lists`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })).status).toBe(200);
  } finally {
    await second.remove();
  }
});

test("who has everything refused makes the log grow by so many rows of 8 KiB of decision, and no more", async () => {
  const LIMIT = 60;
  const own = await freshGate({ MESSAGES_PER_MINUTE: String(LIMIT) });
  try {
    const { DB } = await own.inside();
    const rude = await account(own);
    const size = async () => (await DB.prepare("SELECT 1").all()).meta.size_after as number;
    const before = await size();
    // A decision of some megabytes, a thousand recipients, a long reverse-path, a long Subject.
    const fields = Array.from({ length: 6_000 }, (_, index) => `Resent-From: x${index}@somewhere-${index}.example\r\n`).join("");
    const body = message("boss@elsewhere.example", fields).replace("Subject: Hello", `Subject: ${"x".repeat(900)}`);
    const to = Array.from({ length: 1_000 }, (_, index) => `recipient.number.${index}@somewhat-longer.example`);
    const field = (from: string) => ({ "sendergate-envelope": Buffer.from(JSON.stringify({ from, to })).toString("base64url") });
    const statuses: number[] = [];
    const ids: string[] = [];
    for (let asked = 0; asked < 2 * LIMIT; asked += 10) {
      const batch = Array.from({ length: 10 }, (_, index) => {
        const once = () => send(own, rude, body, field(index % 2 === 0 ? "info@allowed.example" : "ü".repeat(8_000)), "");
        // A kept connection may have been closed just as it was taken again: then nothing of it was read.
        return once().catch(once);
      });
      for (const answer of await Promise.all(batch)) {
        statuses.push(answer.status);
        if (answer.status === 403) ids.push(answer.id);
      }
    }
    expect(statuses.filter((status) => status === 403)).toHaveLength(LIMIT);
    expect(statuses.filter((status) => status === 429)).toHaveLength(LIMIT);
    await vi.waitFor(async () => expect(await DB.prepare("SELECT count(*) AS n FROM messages").first("n")).toBe(LIMIT), 10_000);
    const longest = "SELECT max(length(CAST(decision AS BLOB))) AS decision, max(length(CAST(recipients AS BLOB))) AS recipients FROM messages";
    const { decision, recipients } = (await DB.prepare(longest).first<{ decision: number; recipients: number }>()) ?? { decision: 0, recipients: 0 };
    expect(decision).toBeLessThanOrEqual(8_192);
    expect(decision).toBeGreaterThan(7_000);
    expect(recipients).toBeLessThanOrEqual(2_048);
    const FIXED = 8_192;
    const grown = (await size()) - before;
    console.log(`${LIMIT} refused messages: ${Math.round(grown / LIMIT)} octets of database each`);
    expect(grown).toBeLessThanOrEqual(LIMIT * (8_192 + FIXED));
    // Nothing waits in the outbox that would come later, and how many recipients there were is known.
    const shown = (await (await own.admin("GET", `/api/lists/${rude.list}/messages/${ids[0] ?? ""}`)).json()) as Record<string, unknown>;
    expect(shown).toMatchObject({ recipientCount: 1_000, decision: { decidedBy: 0, omittedFindings: expect.any(Number) } });
    expect((shown["recipients"] as string[]).length).toBeGreaterThan(20);
    expect(await DB.prepare("SELECT sum(recipients) AS n FROM statistics").first("n")).toBe(LIMIT * 1_000);
  } finally {
    await own.remove();
  }
});

test("the limits are on where nothing is set", async () => {
  const usual = await freshGate();
  try {
    const busy = await account(usual);
    let taken = 0;
    const client = async () => {
      for (; taken < 700; taken += 1) {
        const answer = await check(usual, busy, query);
        if (answer.status === 429) return over(answer, "minute", 600);
        expect(answer.status).toBe(200);
      }
      return undefined;
    };
    const begun = Date.now();
    const waits = await Promise.all(Array.from({ length: 8 }, client));
    expect(Date.now() - begun).toBeLessThan(50_000);
    for (const wait of waits) expect(wait).toBeGreaterThan(0);
    expect(taken).toBe(600);
  } finally {
    await usual.remove();
  }
});
