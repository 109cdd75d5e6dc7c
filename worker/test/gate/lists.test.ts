import { afterAll, beforeAll, expect, test } from "vitest";
import { createList, createUser, expected } from "../api.ts";
import { account, check, envelope, send } from "../sending.ts";
import { type Gate, freshGate } from "../gate.ts";

let gate: Gate;
beforeAll(async () => {
  gate = await freshGate({ SUBMISSION_URLS: "smtp://smtp.relay.example smtps://smtp.relay.example:4465" });
});
afterAll(() => gate.remove());

test("a list is made with what was said, and with defaults for the rest", async () => {
  const answer = await gate.admin("POST", "/api/lists", { name: "  Customers of Milan " });
  const list = await expected(answer, 201);
  expect(list).toEqual({
    id: expect.stringMatching(/^l[a-z2-7]{10}$/),
    name: "Customers of Milan",
    onUnauthorized: "block",
    identities: ["mail-from", "from", "sender", "resent-from", "resent-sender"],
    maxPriority: 1,
    stampPriority: false,
    createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    version: 1,
  });
  expect(answer.headers.get("location")).toBe(`/api/lists/${list["id"]}`);
  expect(answer.headers.get("etag")).toBe('"1"');
  expect(await expected(gate.admin("GET", `/api/lists/${list["id"]}`), 200)).toEqual({ ...list, holds: { users: 0, messages: 0, alerts: 0 } });
});

test("settings change one by one, with the version that was read", async () => {
  const { id } = await createList(gate);
  const path = `/api/lists/${id}`;
  const answer = await gate.admin("PATCH", path, { onUnauthorized: "alert", identities: ["from", "mail-from"], maxPriority: 3 }, { "if-match": '"1"' });
  expect(await expected(answer, 200)).toMatchObject({
    name: "Customers",
    onUnauthorized: "alert",
    identities: ["mail-from", "from"],
    maxPriority: 3,
    version: 2,
  });
  expect(answer.headers.get("etag")).toBe('"2"');
  expect(await expected(gate.admin("PATCH", path, { name: "Mine" }), 428)).toMatchObject({ code: "version-missing" });
  expect(await expected(gate.admin("PATCH", path, { name: "Mine" }, { "if-match": "*" }), 428)).toMatchObject({ code: "version-missing" });
  // A proxy that compresses makes an ETag weak.
  await expected(gate.admin("PATCH", path, { name: "Mine" }, { "if-match": 'W/"2"' }), 200);
  const late = await gate.admin("PATCH", path, { name: "Theirs", maxPriority: 5 }, { "if-match": '"2"' });
  expect(late.headers.get("etag")).toBe('"3"');
  expect(await expected(late, 412)).toMatchObject({
    code: "version-passed",
    current: { id, name: "Mine", maxPriority: 3, version: 3 },
    yours: { name: "Theirs", maxPriority: 5, onUnauthorized: "alert" },
  });
});

test("display-names are checked where a list asks for it, and nowhere else; the log says whose they are", async () => {
  const message = 'From: "boss@bank.example" <info@allowed.example>\r\nSubject: Hello\r\n\r\nHello.\r\n';
  const query = envelope("info@allowed.example", "you@there.example");
  const usual = await account(gate);
  expect((await check(gate, usual, query, message)).decision).toMatchObject({ action: "send", checked: ["mail-from", "from", "sender", "resent-from", "resent-sender"] });

  const strict = await account(gate, {}, { identities: ["display-name", "from"] });
  expect(await expected(gate.admin("GET", `/api/lists/${strict.list}`), 200)).toMatchObject({ identities: ["from", "display-name"] });
  const findings = [
    { identity: "from", field: 0, address: "info@allowed.example", verdict: "authorized" },
    { identity: "display-name", field: 0, of: "from", address: "boss@bank.example", verdict: "unauthorized" },
  ];
  const decided = { action: "block", verdict: "unauthorized", checked: ["from", "display-name"], decidedBy: 1, findings };
  const { status, id, decision } = await send(gate, strict, message, {}, query);
  expect([status, decision]).toEqual([403, expect.objectContaining({ ...decided, findings: findings.map((one) => expect.objectContaining(one)) })]);
  const path = `/api/lists/${strict.list}/messages/${id}`;
  await expect.poll(async () => (await gate.admin("GET", path)).status, { timeout: 20_000 }).toBe(200);
  expect(await expected(gate.admin("GET", path), 200)).toMatchObject({ decision: decided });
});

test.each([
  [{}, "/name"],
  [{ name: " " }, "/name"],
  [{ name: "x".repeat(201) }, "/name"],
  [{ name: "half \ud800" }, "/name"],
  [{ name: "two\nlines" }, "/name"],
  [{ name: "x", onUnauthorized: "shrug" }, "/onUnauthorized"],
  [{ name: "x", identities: [] }, "/identities"],
  [{ name: "x", identities: ["from", "from"] }, "/identities"],
  [{ name: "x", identities: ["from", "reply-to"] }, "/identities/1"],
  [{ name: "x", maxPriority: 6 }, "/maxPriority"],
  [{ name: "x", maxPriority: "1" }, "/maxPriority"],
  [{ name: "x", stampPriority: 1 }, "/stampPriority"],
  [{ name: "x", id: "mine" }, ""],
  [[], ""],
])("%j is refused, and it says where", async (body, path) => {
  const problem = await expected(gate.admin("POST", "/api/lists", body), 422);
  expect(problem).toMatchObject({ code: "invalid-request", errors: [{ in: "body", path, message: expect.any(String) }] });
});

test("a list takes its users with it, and says before how many", async () => {
  const { id } = await createList(gate);
  const { username } = await createUser(gate, id, { domains: "example.com" });
  const path = `/api/lists/${id}`;
  expect(await expected(gate.admin("GET", path), 200)).toMatchObject({ holds: { users: 1 } });
  await expected(gate.admin("DELETE", path), 428);
  expect(await expected(gate.admin("DELETE", path, undefined, { "if-match": '"9"' }), 412)).toMatchObject({ current: { id, version: 1 } });
  await expected(gate.admin("DELETE", path, undefined, { "if-match": '"1"' }), 204);
  expect(await expected(gate.admin("GET", path), 404)).toMatchObject({ code: "list-unknown" });
  await expected(gate.admin("GET", `${path}/users/${username}`), 404);
  await expected(gate.admin("GET", `${path}/users`), 404);
  await expected(gate.admin("POST", `${path}/users`, {}), 404);
});

test("lists come in pages, the oldest first, each once", async () => {
  for (let made = 0; made < 5; made += 1) await createList(gate, { name: `Page ${made}` });
  const all = (await expected<{ items: { id: string }[] }>(gate.admin("GET", "/api/lists?limit=200"), 200)).items;
  const seen: string[] = [];
  let next: string | undefined;
  do {
    const page: { items: { id: string }[]; next?: string } = await expected(
      gate.admin("GET", `/api/lists?limit=2${next === undefined ? "" : `&cursor=${next}`}`),
      200,
    );
    expect(page.items.length).toBeLessThanOrEqual(2);
    seen.push(...page.items.map(({ id }) => id));
    next = page.next;
  } while (next !== undefined);
  expect(seen).toEqual(all.map(({ id }) => id));
  for (const query of ["limit=0", "limit=201", "limit=x", "cursor=x", `cursor=${btoa('["users",1,"a"]')}`]) {
    expect(await expected(gate.admin("GET", `/api/lists?${query}`), 422), query).toMatchObject({ code: "invalid-request" });
  }
});

test("a mail program is told server, port and encryption", async () => {
  const { id } = await createList(gate);
  expect(await expected(gate.admin("GET", `/api/lists/${id}/connection`), 200)).toEqual({
    servers: [
      { host: "smtp.relay.example", port: 587, encryption: "starttls" },
      { host: "smtp.relay.example", port: 4465, encryption: "tls" },
    ],
    authentication: "password",
    http: { url: `${gate.url}/v1/messages`, authentication: "basic" },
  });
});

test("what is no JSON, too much of it, or something else is refused", async () => {
  const post = (body: string, type = "application/json") => gate.admin("POST", "/api/lists", body, { "content-type": type });
  expect(await expected(post("{"), 400)).toMatchObject({ code: "malformed-json" });
  expect(await expected(post(""), 400)).toMatchObject({ code: "malformed-json" });
  expect(await expected(gate.admin("POST", "/api/lists"), 415)).toMatchObject({ code: "unsupported-media-type" });
  expect(await expected(post('{"name":"x"}', "text/plain"), 415)).toMatchObject({ code: "unsupported-media-type" });
  expect(await expected(post(JSON.stringify({ name: "x".repeat(4 << 20) })), 413)).toMatchObject({ code: "body-too-large" });
  const octets = new Uint8Array([...new TextEncoder().encode('{"name":"'), 0xff, ...new TextEncoder().encode('"}')]);
  const answer = await fetch(`${gate.url}/api/lists`, {
    method: "POST",
    headers: { authorization: "Bearer the-administrator-of-the-tests", "content-type": "application/json" },
    body: octets,
  });
  expect(await expected(answer, 400)).toMatchObject({ code: "malformed-json" });
});
