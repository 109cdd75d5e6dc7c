import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Acceptance, RecipientResult } from "../../src/outbox/types.ts";
import { acceptance } from "../acceptance.ts";
import { type Gate, freshGate } from "../gate.ts";
import { type Rude, startRude } from "../rude.ts";

let gate: Gate;
let rude: Rude;
let inside: Env;
beforeAll(async () => {
  rude = await startRude({ most: 20 });
  gate = await freshGate({
    RELAY: "smarthost",
    SMARTHOST_URL: `smtp://127.0.0.1:${rude.port}?tls=none`,
    SMARTHOST_TIMEOUT_SECONDS: "1",
    DELIVERY_CONNECTIONS: "2",
  });
  inside = await gate.inside();
});
afterAll(async () => {
  await gate.remove();
  await rude.close();
});

const BODY = "From: info@a.example\r\n\r\n.\r\n..a\r\n.b\r\nend\r\n";
let made = 0;

/** Accepts a message in a list of its own, and waits for the first that the log hears of it. */
async function sent(changes: Partial<Acceptance>, body: string | Uint8Array = BODY) {
  const listId = `l${(made += 1)}`;
  const message = acceptance({ listId, size: body.length, ...changes });
  await inside.BODIES.put(`bodies/${message.id}`, body);
  await inside.OUTBOX.getByName(`${listId}/0`).accept(message);
  const row = await vi.waitFor(async () => {
    const found = await inside.DB.prepare("SELECT state, results FROM deliveries WHERE list_id = ? AND message_id = ?")
      .bind(listId, message.id)
      .first<{ state: string; results: string }>();
    expect(found).not.toBeNull();
    return found;
  }, 15_000);
  return { state: row?.state, results: JSON.parse(row?.results ?? "[]") as RecipientResult[] };
}

const from = (name: string) => ({ mailFrom: `${name}@a.example` });

test("MAIL states size, 8-bit, SMTPUTF8 and MT-PRIORITY, and the octets arrive as they were, but for the dots of SMTP", async () => {
  const body = Uint8Array.from(Buffer.from("From: info@ü.example\r\n\r\n.\r\n..a\r\n.b\r\n\x00\xff\r\nend\r\n", "latin1"));
  const { state, results } = await sent({ mailFrom: "first@ü.example", recipients: ["zwei@ü.example"], level: 2, smtputf8: true, eightBit: true }, body);
  expect(results).toEqual([{ recipient: "zwei@ü.example", outcome: "delivered", reply: "250 2.0.0 taken 2.0.0 thank you", enhancedCode: "2.0.0" }]);
  expect(state).toBe("delivered");
  const taken = rude.taken.at(-1);
  expect(taken?.mail).toBe(`MAIL FROM:<first@ü.example> SIZE=${body.length} SMTPUTF8 BODY=8BITMIME MT-PRIORITY=4`);
  expect(taken?.data.toString("latin1").replace(/(^|\r\n)\./g, "$1")).toBe(Buffer.from(body).toString("latin1"));
});

test("some so and some so: each recipient has its own outcome", async () => {
  const { state, results } = await sent({ recipients: ["one@b.example", "450@b.example", "550@b.example", "plain@b.example"] });
  expect(state).toBe("deferred");
  expect(results.toSorted((a, b) => (a.recipient < b.recipient ? -1 : 1))).toEqual([
    { recipient: "450@b.example", outcome: "deferred", reply: "450 4.2.1 busy", enhancedCode: "4.2.1" },
    { recipient: "550@b.example", outcome: "failed", reply: "550 5.1.1 nobody", enhancedCode: "5.1.1" },
    { recipient: "one@b.example", outcome: "delivered", reply: "250 2.0.0 taken 2.0.0 thank you", enhancedCode: "2.0.0" },
    { recipient: "plain@b.example", outcome: "failed", reply: "550 no enhanced code", enhancedCode: "5.0.0" },
  ]);
});

test("a server that leaves amid the recipients has taken nothing, and what it refused before counts", async () => {
  const { results } = await sent({ recipients: ["one@b.example", "550@b.example", "421@b.example", "two@b.example"] });
  expect(results.map(({ recipient, outcome, enhancedCode }) => [recipient, outcome, enhancedCode])).toEqual([
    ["one@b.example", "deferred", "4.3.2"],
    ["550@b.example", "failed", "5.1.1"],
    ["421@b.example", "deferred", "4.3.2"],
    ["two@b.example", "deferred", "4.3.2"],
  ]);
});

test("those too many for one transaction go in the next", async () => {
  const recipients = Array.from({ length: 70 }, (_, index) => `r${index}@b.example`);
  const { state } = await sent({ ...from("many"), recipients });
  expect(state).toBe("delivered");
  const taken = rude.taken.filter(({ mail }) => mail.includes("<many@"));
  expect(taken.map(({ rcpts }) => rcpts.length)).toEqual([20, 20, 20, 10]);
  expect(taken.flatMap(({ rcpts }) => rcpts)).toEqual(recipients.map((recipient) => `RCPT TO:<${recipient}>`));
});

const long = `From: info@a.example\r\n\r\n${"a line of a message\r\n".repeat(4_000)}`;
test("a connection lost in DATA puts off those of its transaction and nobody else", async () => {
  const recipients = Array.from({ length: 60 }, (_, index) => (index === 30 ? "cut-in-data@b.example" : `r${index}@b.example`));
  const { results } = await sent({ ...from("thrice"), recipients }, long);
  expect(results.map(({ outcome, enhancedCode }) => `${outcome} ${enhancedCode}`)).toEqual(
    recipients.map((_, index) => (index >= 20 && index < 40 ? "deferred 4.4.2" : "delivered 2.0.0")),
  );
  expect(rude.taken.filter(({ mail }) => mail.includes("<thrice@")).map(({ rcpts }) => rcpts.length)).toEqual([20, 20]);
});

test.each<[string, RecipientResult["outcome"], string, string]>([
  ["closing", "deferred", "4.3.2", "421 4.3.2 closing down"],
  ["mail-450", "deferred", "4.7.1", "450 4.7.1 wait 4.7.1 a little"],
  ["mail-550", "failed", "5.7.1", "550 5.7.1 you may not"],
  ["hang", "deferred", "4.4.2", "no answer in time"],
  ["cut", "deferred", "4.4.2", "the server closed the connection"],
  ["babble", "deferred", "4.4.2", "no SMTP reply: hello there"],
  ["no-data", "deferred", "4.3.0", "451 4.3.0 no room"],
  ["cut-in-data", "deferred", "4.4.2", "in DATA: "],
  ["refuse-in-data", "failed", "5.3.4", "552 5.3.4 enough"],
  ["cut-after-dot", "deferred", "4.4.2", "in DATA: the server closed the connection"],
  ["hang-after-dot", "deferred", "4.4.2", "in DATA: no answer to the message in time"],
  ["dot-451", "deferred", "4.3.0", "451 4.3.0 not now"],
  ["dot-554", "failed", "5.6.0", "554 5.6.0 this 5.6.0 is 5.6.0 refused"],
  ["wants-auth", "deferred", "4.4.1", "MAIL: 530 5.7.0 authentication first"],
])("%s: %s %s", async (name, outcome, enhancedCode, reply) => {
  const { results } = await sent(from(name), long);
  expect(results).toMatchObject([{ recipient: "one@b.example", outcome, enhancedCode }]);
  expect(results[0]?.reply).toContain(reply);
});

test("a connection carries one message after the other", async () => {
  const before = rude.connections;
  const outbox = inside.OUTBOX.getByName("lmany/0");
  const messages = Array.from({ length: 30 }, () => acceptance({ listId: "lmany" }));
  for (const message of messages) await inside.BODIES.put(`bodies/${message.id}`, BODY);
  await Promise.all(messages.map((message) => outbox.accept(message)));
  await vi.waitFor(async () => {
    const query = "SELECT count(*) AS n FROM deliveries WHERE list_id = 'lmany' AND state = 'delivered'";
    expect(await inside.DB.prepare(query).first("n")).toBe(30);
  }, 15_000);
  expect(rude.connections - before).toBeLessThan(12);
});

test("the sender of what was refused gets a report, by the same relay", async () => {
  await sent({ ...from("refused"), recipients: ["550@b.example"] });
  const report = await vi.waitFor(() => {
    const found = rude.taken.find(({ rcpts }) => rcpts.includes("RCPT TO:<refused@a.example>"));
    expect(found).toBeDefined();
    return found;
  }, 10_000);
  expect(report?.mail).toMatch(/^MAIL FROM:<> SIZE=\d+ MT-PRIORITY=0$/);
  expect(report?.data.toString()).toMatch(/Final-Recipient: rfc822; 550@b\.example\r\nAction: failed\r\nStatus: 5\.1\.1\r\n/);
});

test("what needs more than the server offers fails for good, before it is tried", async () => {
  const { results } = await sent({ ...from("large"), size: 100_001 });
  expect(results).toMatchObject([{ outcome: "failed", enhancedCode: "5.3.4" }]);
  // The report on it goes to the same address, soon.
  expect(rude.said.filter((line) => line.startsWith("MAIL FROM:<large@"))).toEqual([]);
});

test("a message that hangs keeps neither its own list nor another from its turn", async () => {
  const slow = acceptance({ listId: "lslow", ...from("hang-after-dot") });
  const behind = acceptance({ listId: "lslow" });
  const beside = acceptance({ listId: "lbeside" });
  for (const { id } of [slow, behind, beside]) await inside.BODIES.put(`bodies/${id}`, BODY);
  await inside.OUTBOX.getByName("lslow/0").accept(slow);
  await vi.waitFor(() => expect(rude.said.at(-1)).toBe("DATA"), { interval: 5 });
  const begun = Date.now();
  await inside.OUTBOX.getByName("lslow/0").accept(behind);
  await inside.OUTBOX.getByName("lbeside/0").accept(beside);
  const state = (id: string) => inside.DB.prepare("SELECT state FROM deliveries WHERE message_id = ?").bind(id).first("state");
  await vi.waitFor(async () => expect([await state(behind.id), await state(beside.id)]).toEqual(["delivered", "delivered"]), 2_500);
  expect(Date.now() - begun).toBeLessThan(2_500);
  expect(await state(slow.id)).toBeNull();
});
