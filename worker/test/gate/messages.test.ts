import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Gate, freshGate } from "../gate.ts";
import { type Account, account, arrived, basic, check, envelope, message, note, post, read, send, withoutCompletion, withoutTrace } from "../sending.ts";

let gate: Gate;
let user: Account;
beforeAll(async () => {
  gate = await freshGate();
  user = await account(gate);
});
afterAll(() => gate.remove());

const bodies = async () => (await (await gate.inside()).BODIES.list()).objects.map(({ key }) => key);
const logged = async (id: string) => {
  const { DB } = await gate.inside();
  return vi.waitFor(async () => {
    const row = await DB.prepare("SELECT * FROM messages WHERE id = ?").bind(id).first();
    expect(row).not.toBeNull();
    return row as Record<string, unknown>;
  }, 5_000);
};

test("an authorized message is accepted, relayed with one trace field before it, and logged", async () => {
  const answer = await send(gate, user, message(), { "mt-priority": "6" });
  expect(answer).toMatchObject({ status: 202, decision: { action: "send", verdict: "authorized", reason: "listed-domain" } });
  expect(answer.id).toMatch(/^[0-9a-hjkmnp-tv-z]{26}$/);
  const { trace, message: octets } = withoutTrace(await arrived(gate, answer.id));
  expect(withoutCompletion(octets, Buffer.from(message()), answer.id).toString()).toBe(message());
  expect(trace).toMatch(
    new RegExp(`^Received: (from \\[127\\.0\\.0\\.1\\] \\(\\[127\\.0\\.0\\.1\\]\\)\\r\\n\\t)?by gate\\.localhost id ${answer.id};\\r\\n\\t\\w{3}, \\d\\d \\w{3} \\d{4} [\\d:]{8} \\+0000\\r\\n$`),
  );
  expect(trace).not.toContain(user.username);
  expect(await note(gate, answer.id)).toMatchObject({ from: "info@allowed.example", to: ["you@there.example"], mtPriority: 6 });
  expect(await logged(answer.id)).toMatchObject({ list_id: user.list, username: user.username, subject: "Hello", action: "send" });
});

test("what is not authorized is refused with the decision, and leaves the log row alone", async () => {
  const answer = await send(gate, user, message("boss@elsewhere.example"));
  expect(answer).toMatchObject({
    status: 403,
    code: "sender-refused",
    decision: { action: "block", verdict: "unauthorized", reason: "not-listed", reply: { code: 550, enhancedCode: "5.7.1" } },
  });
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(await logged(answer.id)).toMatchObject({ action: "block" });
  expect(await bodies()).not.toContain(`bodies/${answer.id}`);
});

test("alert only: what is not authorized is sent", async () => {
  const lenient = await account(gate, {}, { onUnauthorized: "alert" });
  const answer = await send(gate, lenient, message("boss@elsewhere.example"));
  expect(answer).toMatchObject({ status: 202, decision: { action: "send-and-alert", verdict: "unauthorized" } });
  await arrived(gate, answer.id);
});

test("the null reverse-path, and an envelope in the header field", async () => {
  const nothing = await send(gate, user, message(), {}, envelope("", "you@there.example"));
  expect(nothing.status).toBe(202);
  await arrived(gate, nothing.id);
  expect(await note(gate, nothing.id)).toMatchObject({ from: null });
  const to = Array.from({ length: 1000 }, (_, index) => `recipient.number.${index}@a.somewhat-longer-domain.there.example`);
  const header = (value: unknown) => ({ "sendergate-envelope": Buffer.from(JSON.stringify(value)).toString("base64url") });
  const many = await send(gate, user, message(), header({ from: "info@allowed.example", to }), "");
  expect(many).toMatchObject({ status: 202 });
  await arrived(gate, many.id);
  expect(await note(gate, many.id)).toMatchObject({ to });
  expect(await send(gate, user, message(), header({ from: "info@allowed.example", to: [...to, "one@more.example"] }), "")).toMatchObject({
    status: 422,
    parameter: "to",
  });
  // 64 KiB of JSON are read, not more.
  const filled = (octets: number) => {
    const one = `${"x".repeat(60)}@there.example`;
    const start = JSON.stringify({ from: "", to: Array.from({ length: 850 }, () => one) });
    return { "sendergate-envelope": Buffer.from(start.slice(0, -1).padEnd(octets - 1, " ") + "}").toString("base64url") };
  };
  expect(await send(gate, user, message(), filled(65_536), "")).toMatchObject({ status: 202 });
  expect(await send(gate, user, message(), filled(65_537), "")).toMatchObject({ status: 422, parameter: "Sendergate-Envelope" });
  expect(await send(gate, user, message(), header({ from: null, to: ["a@b.example"] }), "")).toMatchObject({ status: 202 });
});

test("a reverse-path that cannot be read is the engine's to judge: it is refused whatever the list says", async () => {
  const route = "@relay.example:info@allowed.example";
  const query = envelope(route, "you@there.example");
  expect(await send(gate, user, message(), {}, query)).toMatchObject({ status: 403, decision: { verdict: "ambiguous", reason: "source-route" } });
  const lenient = await account(gate, { domains: "" }, { onUnauthorized: "alert" });
  expect(await send(gate, lenient, message(), {}, query)).toMatchObject({ status: 403, code: "sender-refused", decision: { action: "block", reason: "source-route" } });
  expect(await check(gate, lenient, query, message())).toMatchObject({ status: 200, decision: { action: "block" } });
  // No character of it gets as far as an SMTP command.
  const forged = envelope("a@allowed.example>\r\nRCPT TO:<x@y.example", "you@there.example");
  const refused = await send(gate, lenient, message(), {}, forged);
  expect(refused).toMatchObject({ status: 403, code: "sender-refused", decision: { action: "block", reason: "invalid-address" } });
  expect((await logged(refused.id))["mail_from"]).toBe("a@allowed.example>\ufffd\ufffdRCPT TO:<x@y.example");
});

test.each([
  ["from", "to=a%40b.example"],
  ["from", "from=a%40allowed.example&from=b%40allowed.example&to=a%40b.example"],
  ["to", "from=info%40allowed.example"],
  ["to", "from=info%40allowed.example&to="],
  ["to", "from=info%40allowed.example&to=a%40b.example&to=nobody"],
  ["to", `from=info%40allowed.example&to=${encodeURIComponent("a@b.example>\r\nDATA")}`],
  ["to", `from=info%40allowed.example&to=${encodeURIComponent("a@b.example, c@d.example")}`],
  ["to", `from=info%40allowed.example&to=${encodeURIComponent("A <a@b.example>")}`],
  ["to", `from=info%40allowed.example&to=${encodeURIComponent(`${"x".repeat(300)}@b.example`)}`],
])("a bad envelope names `%s`: %s", async (parameter, query) => {
  expect(await send(gate, user, message(), {}, query)).toMatchObject({ status: 422, code: "invalid-envelope", parameter });
});

test.each([
  ["Sendergate-Envelope", { "sendergate-envelope": "?" }],
  ["Sendergate-Envelope", { "sendergate-envelope": "bm8" }],
  ["Sendergate-Envelope", { "sendergate-envelope": Buffer.from("[]").toString("base64url") }],
  ["Sendergate-Envelope", { "sendergate-envelope": Buffer.from(`{"from":"","to":["a@b.example"],"x":1}`).toString("base64url") }],
  ["to", { "sendergate-envelope": Buffer.from(`{"from":"","to":[1]}`).toString("base64url") }],
  ["from", { "sendergate-envelope": Buffer.from(`{"from":1,"to":["a@b.example"]}`).toString("base64url") }],
  ["from", { "sendergate-envelope": Buffer.from(`{"to":["a@b.example"]}`).toString("base64url") }],
])("a bad envelope field names `%s`: %o", async (parameter, headers) => {
  expect(await send(gate, user, message(), headers, "")).toMatchObject({ status: 422, code: "invalid-envelope", parameter });
});

test("bad header fields are named; another media type is not a message", async () => {
  expect(await send(gate, user, message(), { "mt-priority": "10" })).toMatchObject({ status: 422, parameter: "MT-Priority" });
  expect(await send(gate, user, message(), { "idempotency-key": "x".repeat(256) })).toMatchObject({ status: 422, parameter: "Idempotency-Key" });
  expect(await send(gate, user, message(), { "sendergate-envelope": "e30" })).toMatchObject({ status: 422, parameter: "from" });
  expect(await send(gate, user, message(), { "content-type": "application/json" })).toMatchObject({ status: 415 });
});

test.each([
  ["NUL in the header section", "From: <info@allowed.example>\r\nX: \0\r\n\r\n", "malformed-nul"],
  ["no field", "From: <info@allowed.example>\r\nnothing\r\n\r\n", "malformed-line"],
  ["NUL in the body", message("info@allowed.example", "", `${"x".repeat(100_000)}\0`), "malformed-nul"],
  ["bare CR in the body", message("info@allowed.example", "", `a\r\nb\rc${"x".repeat(100_000)}`), "malformed-bare-cr"],
  ["bare CR at the end", message("info@allowed.example", "", "a\r"), "malformed-bare-cr"],
  ["LF among CRLF", message("info@allowed.example", "", "a\r\nb\nc\r\n"), "malformed-line-endings"],
  ["CRLF among LF", message("info@allowed.example", "X-Priority: 1\r\n", "a\r\nb\r\n").replaceAll("\r\n", "\n").replace("a\n", "a\r\n"), "malformed-line-endings"],
  ["CR in an all-LF message", message("info@allowed.example", "", "a\r").replaceAll("\r\n", "\n"), "malformed-bare-cr"],
])("malformed, and refused with the engine's decision: %s", async (_, body, reason) => {
  const answer = await send(gate, user, body);
  expect(answer).toMatchObject({
    status: 422,
    code: "malformed-message",
    decision: { action: "block", verdict: "ambiguous", reason, reply: { code: 554, enhancedCode: "5.6.0" } },
  });
  expect(await bodies()).not.toContain(`bodies/${answer.id}`);
  expect(await logged(answer.id)).toMatchObject({ action: "block", reason });
  // A check finds the same.
  const checked = await check(gate, user, envelope("info@allowed.example"), body);
  expect(checked.decision).toEqual(answer.decision);
});

test("a header section over 256 KiB is refused before the rest is read; 100 trace fields pass, 101 do not", async () => {
  const long = await send(gate, user, message("info@allowed.example", "X: ".padEnd(262_144, "x") + "\r\n"));
  expect(long).toMatchObject({ status: 413, code: "header-too-large", decision: { reason: "malformed-header-too-large", reply: { code: 552 } } });
  const checked = await check(gate, user, "", message("info@allowed.example", "X: ".padEnd(262_144, "x") + "\r\n"));
  expect(checked).toMatchObject({ status: 413, code: "header-too-large", decision: { reason: "malformed-header-too-large" } });
  const trace = (count: number) => "Received: by a.example; Mon, 23 Nov 2026 09:15:00 +0100\r\n".repeat(count);
  expect(await send(gate, user, trace(100) + message())).toMatchObject({ status: 202 });
  expect(await send(gate, user, trace(101) + message())).toMatchObject({
    status: 422,
    code: "routing-loop",
    reply: { code: 554, enhancedCode: "5.4.6" },
  });
});

test("a check has no effect; it may do without body and reverse-path", async () => {
  const { DB } = await gate.inside();
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const count = () => DB.prepare("SELECT (SELECT count(*) FROM messages) + (SELECT count(*) FROM alerts) AS n").first("n");
  const before = await count();
  const good = await check(gate, user, envelope("info@allowed.example"), message());
  expect(good).toMatchObject({ status: 200, decision: { action: "send", findings: [{ identity: "mail-from" }, { identity: "from" }] } });
  expect((await check(gate, user, envelope("info@allowed.example"))).decision.findings).toHaveLength(1);
  expect((await check(gate, user, "")).decision).toMatchObject({ action: "block", reason: "no-identity" });
  expect((await check(gate, user, "", message())).decision).toMatchObject({ action: "send" });
  expect((await check(gate, user, envelope("boss@elsewhere.example"))).decision).toMatchObject({ action: "block" });
  expect(await check(gate, user, "from=a&from=b")).toMatchObject({ status: 422, parameter: "from" });
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(await count()).toBe(before);
});

test("credentials: good ones, wrong ones, none, an inactive user", async () => {
  const session = async (authorization?: string) =>
    read(await fetch(`${gate.url}/v1/session`, authorization === undefined ? {} : { headers: { authorization } }));
  expect(await session(basic(user.username, user.password))).toMatchObject({ status: 204, text: "" });
  const wrong = await session(basic(user.username, "wrong"));
  const unknown = await session(basic("sabcdefghij", "wrong"));
  expect(wrong.headers.get("www-authenticate")).toBe('Basic realm="sendergate", charset="UTF-8"');
  expect(wrong).toMatchObject({ status: 401, code: "unauthorized" });
  expect(unknown).toMatchObject({ status: 401, text: wrong.text });
  for (const authorization of [undefined, "Basic", "Basic !", "Bearer x", `Bearer sg_tabcdefghij_${"a".repeat(26)}`, basic("", "")]) {
    expect(await session(authorization)).toMatchObject({ status: 401, text: wrong.text });
  }
  const idle = await account(gate, { active: false });
  expect(await session(basic(idle.username, idle.password))).toMatchObject({ status: 403, code: "user-inactive" });
  expect(await session(basic(idle.username, "wrong"))).toMatchObject({ status: 401 });
  const sent = await send(gate, idle);
  expect(sent).toMatchObject({ status: 403, code: "user-inactive", decision: { reason: "user-inactive" } });
  expect(await logged(sent.id)).toMatchObject({ reason: "user-inactive" });
  expect(await send(gate, idle, message(), {}, "")).toMatchObject({ status: 403, code: "user-inactive" });
  expect(await check(gate, idle, "")).toMatchObject({ status: 403, code: "user-inactive" });
});

test("a service token asks for the users of its lists, and states the client; nobody else may", async () => {
  const other = await account(gate);
  const made = await gate.admin("POST", "/api/service-tokens", { name: "door", lists: [user.list] });
  const { token, id } = (await made.json()) as { token: string; id: string };
  const door = { authorization: `Bearer ${token}`, "sendergate-user": user.username, "sendergate-client": "2001:DB8::7" };
  const sent = await send(gate, user, message(), door);
  expect(sent.status).toBe(202);
  expect(withoutTrace(await arrived(gate, sent.id)).trace).toContain("from [IPv6:2001:db8::7] ([IPv6:2001:db8::7])");
  expect(await logged(sent.id)).toMatchObject({ client: "2001:db8::7", username: user.username });
  const strange = await send(gate, user, message(), { ...door, "sendergate-user": other.username });
  const unknown = await send(gate, user, message(), { ...door, "sendergate-user": "sabcdefghij" });
  expect(strange).toMatchObject({ status: 403, code: "user-not-covered" });
  expect(unknown.text).toBe(strange.text);
  expect(await send(gate, user, message(), { ...door, "sendergate-user": "" })).toMatchObject({ status: 422, parameter: "Sendergate-User" });
  expect(await send(gate, user, message(), { ...door, "sendergate-client": "host.example" })).toMatchObject({ status: 422, parameter: "Sendergate-Client" });
  for (const [name, value] of [["sendergate-user", user.username], ["sendergate-client", "192.0.2.1"]] as const) {
    expect(await send(gate, user, message(), { [name]: value })).toMatchObject({ status: 403, code: "service-token-required" });
  }
  expect((await gate.admin("DELETE", `/api/service-tokens/${id}`)).status).toBe(204);
  await vi.waitFor(async () => expect(await send(gate, user, message(), door)).toMatchObject({ status: 401 }), { timeout: 6_000, interval: 250 });
});

test("the same answer over GET, or with a body that is a form: nothing is sent", async () => {
  expect((await fetch(`${gate.url}/v1/messages`)).status).toBe(405);
  expect(await post(gate, user, `/v1/messages?${envelope("info@allowed.example", "a@b.example")}`, "x=1", { "content-type": "application/x-www-form-urlencoded" })).toMatchObject({ status: 415 });
});
