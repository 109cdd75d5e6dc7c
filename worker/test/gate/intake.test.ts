/** Checks and messages use the same code: the gate answers both alike. */
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Gate, freshGate } from "../gate.ts";
import { type Account, type Answer, account, arrived, basic, check, envelope, message, raw, read, send } from "../sending.ts";

let gate: Gate;
let strict: Account;
let lenient: Account;
let open: Account;
let idle: Account;
beforeAll(async () => {
  gate = await freshGate({ FRESHNESS_MS: "300", MAX_MESSAGE_BYTES: String(2 ** 20) });
  strict = await account(gate);
  lenient = await account(gate, {}, { onUnauthorized: "alert" });
  open = await account(gate, { domains: "" });
  idle = await account(gate, { active: false });
});
afterAll(() => gate.remove());

interface Case {
  query?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
}

const FROM = "info@allowed.example";
const TO = "you@there.example";
const query = envelope(FROM, TO);
const from = (path: string): Case => ({ query: envelope(path, TO) });
const to = (...paths: string[]): Case => ({ query: envelope(FROM, ...paths) });
const inField = (value: unknown): Case => ({
  query: "",
  headers: { "sendergate-envelope": Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url") },
});
const trace = (count: number) => "Received: by a.example; Mon, 23 Nov 2026 09:15:00 +0100\r\n".repeat(count);

const CASES: Record<string, Case> = {
  "nothing is wrong": {},
  "another sender": { body: message("boss@elsewhere.example") },
  "the null reverse-path": { query: `from=&to=${encodeURIComponent(TO)}` },
  "a reverse-path in brackets": from(`<${FROM}>`),
  "a reverse-path with a line end": from(`${FROM}>\r\nRCPT TO:<x@y.example`),
  "a reverse-path with NUL": from(`in\0fo@allowed.example`),
  "a reverse-path with a space": from(`${FROM} `),
  "a reverse-path that is a space": from(" "),
  "a reverse-path that is a word": from("info"),
  "a reverse-path with a name": from(`Info <${FROM}>`),
  "a reverse-path of two": from(`${FROM}, b@allowed.example`),
  "a source route": from(`@relay.example:${FROM}`),
  "a percent route": from("a%b.example@allowed.example"),
  "a bang path": from("b.example!a@allowed.example"),
  "quotes in a reverse-path": from('"victim@bank.example> "@allowed.example'),
  "a trailing dot": from(`${FROM}.`),
  "an address literal": from("info@[192.0.2.1]"),
  "a reverse-path beyond ASCII": from("ïnfo@allowed.example"),
  "a reverse-path of 2,000 characters": from(`${"x".repeat(2_000)}@allowed.example`),
  "a reverse-path of somebody else": from("boss@elsewhere.example"),
  "two reverse-paths": { query: `from=a%40allowed.example&${query}` },
  "a recipient that is none": to("nobody"),
  "an empty recipient": to(""),
  "a recipient with a line end": to("a@b.example>\r\nDATA"),
  "a recipient with a name": to("A <a@b.example>"),
  "two recipients in one": to("a@b.example, c@d.example"),
  "a bad one behind a good one": to(TO, "nobody"),
  "the same recipient twice": to(TO, TO),
  "1,001 recipients": inField({ from: FROM, to: Array.from({ length: 1_001 }, (_, index) => `r${index}@there.example`) }),
  "an envelope field": inField({ from: FROM, to: [TO] }),
  "an envelope field with null": inField({ from: null, to: [TO] }),
  "an envelope field that is no JSON": inField("no"),
  "an envelope field with more": inField({ from: FROM, to: [TO], more: 1 }),
  "an envelope field with numbers": inField({ from: FROM, to: [1] }),
  "an envelope field with half a character": inField('{"from":"\\ud800@allowed.example","to":["you@there.example"]}'),
  "an envelope field and a query": { headers: inField({ from: FROM, to: [TO] }).headers ?? {} },
  "an envelope field that is no base64url": { query: "", headers: { "sendergate-envelope": "?" } },
  "MT-Priority": { headers: { "mt-priority": "-3" } },
  "a bad MT-Priority": { headers: { "mt-priority": "10" } },
  "a bad Idempotency-Key": { headers: { "idempotency-key": "x".repeat(256) } },
  "another media type": { headers: { "content-type": "text/plain" } },
  "a stated client": { headers: { "sendergate-client": "192.0.2.1" } },
  "a header section and nothing else": { body: `From: <${FROM}>\r\n` },
  "no line end at all": { body: `From: <${FROM}>` },
  "no From": { body: "Subject: x\r\n\r\nx\r\n" },
  "two From": { body: `From: <${FROM}>\r\n${message()}` },
  "a From that is ambiguous": { body: message(`${FROM}> <boss@elsewhere.example`) },
  "no field": { body: "nothing\r\n\r\n" },
  "NUL in the header section": { body: message(FROM, "X: \0\r\n") },
  "a bare CR in the header section": { body: message(FROM, "X: a\rb\r\n") },
  "a header section over its limit": { body: message(FROM, `X: ${"x".repeat(262_144)}\r\n`) },
  "a header section that does not end": { body: `From: <${FROM}>\r\n${"X: y\r\n".repeat(60_000)}` },
  "100 trace fields": { body: trace(100) + message() },
  "101 trace fields": { body: trace(101) + message() },
  "101 trace fields of another sender": { body: trace(101) + message("boss@elsewhere.example") },
  "priority fields": { body: message(FROM, "X-Priority: 1\r\nImportance: low\r\n") },
  "NUL in the body": { body: message(FROM, "", `${"x".repeat(70_000)}\0`) },
  "NUL in the body of another sender": { body: message("boss@elsewhere.example", "", "\0") },
  "a bare CR in the body": { body: message(FROM, "", "a\rb\r\n") },
  "a bare CR at the end": { body: message(FROM, "", "a\r") },
  "a bare LF in the body": { body: message(FROM, "", "a\nb\r\n") },
  "an all-LF message": { body: message().replaceAll("\r\n", "\n") },
  "CRLF in an all-LF message": { body: `${message().replaceAll("\r\n", "\n")}a\r\n` },
  "octets above 127": { body: Buffer.from(message(FROM, "X: \xe4\r\n", "\xf6\r\n"), "latin1") },
  "a message over the limit": { body: message(FROM, "", "x".repeat(2 ** 20)) },
};

/** What of an answer has to be the same. */
const said = ({ status, code, parameter, decision, reply, detail }: Answer) => ({ status, code, parameter, decision, reply, detail });
/** What a check has a problem for although there is a decision. */
const TOLD = ["user-inactive", "header-too-large"];

test.each(Object.keys(CASES))("%s", async (name) => {
  const one = CASES[name] ?? {};
  for (const who of [strict, lenient, open, idle]) {
    const { query: asked = query, headers = {}, body = message() } = one;
    const [sent, checked] = [await send(gate, who, body, headers, asked), await check(gate, who, asked, body, headers)];
    expect(sent.status, sent.text).toBeLessThan(500);
    if (sent.decision === undefined || TOLD.includes(sent.code)) expect(said(checked)).toEqual(said(sent));
    else expect(checked).toMatchObject({ status: 200, decision: sent.decision });
    expect(sent.status === 202).toBe(sent.decision !== undefined && sent.decision.action !== "block");
    if (sent.status === 202) expect(who).not.toBe(idle);
  }
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const changed = (who: Account, change: object, where = gate) => async () => {
  const answer = await where.admin("PATCH", `/api/lists/${who.list}/users/${who.username}`, change, { "if-match": `"${who.version}"` });
  expect(answer.status).toBe(200);
};

/** Sends the header section, does `meanwhile`, and sends the rest when a policy can no longer be remembered. */
const slowly = (who: Account, path: string, meanwhile: () => Promise<unknown>): Promise<Answer> =>
  handedIn(gate, who, path, message(), async () => {
    await pause(300);
    await meanwhile();
    await pause(700);
    return "the end\r\n";
  });

/** Sends `first`, and the rest when there is one. */
async function handedIn(where: Gate, who: Account, path: string, first: string, rest: () => Promise<string>): Promise<Answer> {
  const headers = { authorization: basic(who.username, who.password), "content-type": "message/rfc822" };
  const request = raw(where, `${path}?${query}`, headers);
  const answer = new Promise<Answer>((resolve, reject) => {
    request.on("error", reject);
    request.on("response", async (response) => {
      const pieces: Buffer[] = [];
      for await (const piece of response) pieces.push(piece as Buffer);
      resolve(read(new Response(Buffer.concat(pieces), { status: response.statusCode ?? 0 })));
    });
  });
  request.write(first);
  request.end(await rest());
  return answer;
}

test.each(["/v1/messages", "/v1/messages/check"])("%s: a body that takes its time is judged by what holds at its end", async (path) => {
  const sends = path === "/v1/messages";
  const left = await account(gate);
  expect(await slowly(left, path, changed(left, { active: false }))).toMatchObject({ status: 403, code: "user-inactive", decision: { reason: "user-inactive" } });
  const narrowed = await account(gate);
  expect(await slowly(narrowed, path, changed(narrowed, { domains: "other.example" }))).toMatchObject({
    status: sends ? 403 : 200,
    decision: { action: "block", reason: "not-listed" },
  });
  const gone = await account(gate);
  const deletion = () => gate.admin("DELETE", `/api/lists/${gone.list}/users/${gone.username}`, undefined, { "if-match": `"${gone.version}"` });
  expect(await slowly(gone, path, deletion)).toMatchObject({ status: 401 });
  const { BODIES } = await gate.inside();
  for (let tries = 0; (await BODIES.list()).objects.length > 0; tries += 1) {
    expect(tries).toBeLessThan(100);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});

test.each([true, false])("the level of a message is the one that its header shows, whatever becomes of the user's meanwhile; stamped: %s", async (stampPriority) => {
  const who = await account(gate, { priority: 4 }, { stampPriority });
  const slow = await slowly(who, "/v1/messages", changed(who, { priority: 1, note: "raised" }));
  expect(slow).toMatchObject({ status: 202, decision: { priority: { effective: 4, user: 4 } } });
  const next = await send(gate, who, message());
  expect(next).toMatchObject({ status: 202, decision: { priority: { effective: 1, user: 1 } } });
  for (const { id, decision } of [slow, next]) {
    const text = (await arrived(gate, id)).toString();
    const fields = decision?.priority.fields ?? [];
    expect(fields.length).toBeGreaterThan(1);
    for (const { name, value } of fields) expect(text.includes(`\r\n${name}: ${value}\r\n`), `${name}: ${value}`).toBe(stampPriority);
    const logged = async () => (await gate.admin("GET", `/api/lists/${who.list}/messages/${id}`)).json();
    // The row comes a moment after the answer.
    await vi.waitFor(async () => expect(await logged()).toMatchObject({ level: decision?.priority.effective }), 10_000);
  }
});

test("no message is decided by a user who is older than the freshness when it is handed in, however old it was at the beginning", async () => {
  const own = await freshGate({ FRESHNESS_MS: "2000" });
  try {
    const remembered = async (who: Account, change: object) => {
      expect((await check(own, who, query, message())).status).toBe(200);
      await changed(who, change, own)();
      await pause(1_600);
    };
    // Remembered for 1.6 seconds when it begins, for 2.4 when it ends.
    const left = await account(own);
    await remembered(left, { active: false });
    const ended = await handedIn(own, left, "/v1/messages", message(), () => pause(800).then(() => "the end\r\n"));
    expect(ended).toMatchObject({ status: 403, code: "user-inactive" });
    // Nor is one refused for what was true before its header section had come in.
    const widened = await account(own, { domains: "other.example" });
    await remembered(widened, { domains: "allowed.example" });
    const passed = await handedIn(own, widened, "/v1/messages", `From: <${FROM}>\r\n`, () => pause(800).then(() => "Subject: x\r\n\r\nx\r\n"));
    expect(passed).toMatchObject({ status: 202, decision: { action: "send" } });
  } finally {
    await own.remove();
  }
});
