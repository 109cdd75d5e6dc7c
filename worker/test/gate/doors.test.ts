/** Service tokens at work: in the place of a user's password, and beside it. */
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createList, createUser, expected } from "../api.ts";
import { type Gate, freshGate } from "../gate.ts";
import { type Account, type Answer, account, arrived, basic, check, envelope, message, read, send, withoutTrace } from "../sending.ts";

let gate: Gate;
let user: Account;
let door: string;
beforeAll(async () => {
  gate = await freshGate();
  user = await account(gate);
  door = await token("all");
});
afterAll(() => gate.remove());

const token = async (lists: "all" | string[]) =>
  (await expected<{ token: string }>(gate.admin("POST", "/api/service-tokens", { name: "door", lists }), 201)).token;

/** `GET /v1/session` with a user's name and password, and more. */
const session = async (username: string, password: string, headers: Record<string, string> = {}): Promise<Answer> =>
  read(await fetch(`${gate.url}/v1/session`, { headers: { authorization: basic(username, password), ...headers } }));

const beside = (headers: Record<string, string> = {}, by = door) => ({ "sendergate-token": by, ...headers });

test("beside a user's credentials the password is checked", async () => {
  const idle = await account(gate, { active: false });
  expect(await session(user.username, user.password, beside())).toMatchObject({ status: 204, text: "" });
  const wrong = await session(user.username, "wrong", beside());
  expect(wrong).toMatchObject({ status: 401, code: "unauthorized" });
  expect((await session("sabcdefghij", "wrong", beside())).text).toBe(wrong.text);
  expect(await session(idle.username, idle.password, beside())).toMatchObject({ status: 403, code: "user-inactive" });
  expect(await session(idle.username, "wrong", beside())).toMatchObject({ status: 401 });
});

test("what its holder states of the client counts: in Received, in the log, and for failures", async () => {
  const stated = beside({ "sendergate-client": "2001:DB8::7", "cf-connecting-ip": "203.0.113.1" });
  const sent = await send(gate, user, message(), stated);
  expect(sent.status).toBe(202);
  expect(withoutTrace(await arrived(gate, sent.id)).trace).toContain("[IPv6:2001:db8::7]");
  await vi.waitFor(async () => {
    const { items } = await expected<{ items: { id: string; client: string }[] }>(gate.admin("GET", `/api/lists/${user.list}/messages`), 200);
    expect(items.find(({ id }) => id === sent.id)?.client).toBe("2001:db8::7");
  }, 5_000);

  const failing = await Promise.all(Array.from({ length: 30 }, () => session(user.username, "wrong", { ...stated, "sendergate-client": "192.0.2.66" })));
  expect(failing.filter(({ status }) => status === 401)).toHaveLength(20);
  expect(failing.filter(({ status }) => status === 429)).toHaveLength(10);
  // Nobody else behind the door notices, and the user with the right password neither.
  expect((await session(user.username, "wrong", { ...stated, "sendergate-client": "192.0.2.67" })).status).toBe(401);
  expect((await session(user.username, user.password, { ...stated, "sendergate-client": "192.0.2.66" })).status).toBe(204);
});

test("nobody else states anything", async () => {
  const statements = { "sendergate-user": user.username, "sendergate-client": "192.0.2.1", "sendergate-helo": "pc.example", "sendergate-with": "ESMTPSA" };
  for (const [name, value] of Object.entries(statements)) {
    const refused = await session(user.username, user.password, { [name]: value });
    expect(refused, name).toMatchObject({ status: 403, code: "service-token-required" });
    expect(await send(gate, user, message(), { [name]: value }), name).toMatchObject({ status: 403, code: "service-token-required" });
  }
});

test("a token that is none is said to be none, and not that the password is wrong", async () => {
  for (const none of ["x", "", `sg_tabcdefghij_${"a".repeat(26)}`, `${door.slice(0, -1)}${door.endsWith("a") ? "b" : "a"}`]) {
    const headers = beside({ "sendergate-client": "192.0.2.1" }, none);
    const refused = await session(user.username, user.password, headers);
    expect(refused, none).toMatchObject({ status: 403, code: "service-token-refused" });
    // It shows nothing of the user's.
    expect((await session(user.username, "wrong", headers)).text).toBe(refused.text);
  }
});

test("two who name a user, or two tokens, are one too many", async () => {
  expect(await session(user.username, user.password, beside({ "sendergate-user": user.username }))).toMatchObject({ status: 422, parameter: "Sendergate-User" });
  const both = { authorization: `Bearer ${door}`, "sendergate-user": user.username, ...beside() };
  expect(await session(user.username, user.password, both)).toMatchObject({ status: 422, parameter: "Sendergate-Token" });
});

test.each([
  ["Sendergate-Helo", ["", "a b", "a(b)", "<a>", "a;b", "a\\b", `a${"b".repeat(255)}`, "ü.example"]],
  ["Sendergate-With", ["", "HTTP", "ESMTP SA", "ESMTPSA;", "SMTPA"]],
  ["Sendergate-Client", ["", "host.example", "1", "0x7f.1", "192.0.2.1, 192.0.2.2"]],
])("%s is checked, since it is written into the message", async (name, values) => {
  for (const value of values) {
    const given = encodeURIComponent(value) === value || !/[^\x20-\x7e]/.test(value) ? value : Buffer.from(value).toString("latin1");
    expect(await session(user.username, user.password, beside({ [name]: given })), value).toMatchObject({ status: 422, code: "invalid-envelope", parameter: name });
  }
});

test("what clients say, names or not, and registered protocols pass", async () => {
  for (const helo of ["pc.example", "PC-7", "my_laptop", "a..b", "-a", "localhost", "[192.0.2.1]", "[IPv6:2001:db8::1]", "[::1]", "[1.2.3.4"]) {
    expect((await session(user.username, user.password, beside({ "sendergate-helo": helo }))).status, helo).toBe(204);
  }
  for (const protocol of ["SMTP", "ESMTP", "esmtpsa", "UTF8SMTPSA", "LMTP"]) {
    expect((await session(user.username, user.password, beside({ "sendergate-with": protocol }))).status, protocol).toBe(204);
  }
});

test("a token for all lists is for later ones too; one for some speaks for no other", async () => {
  const some = await token([user.list]);
  const later = await createList(gate);
  const { username, password } = await createUser(gate, later.id, { domains: "allowed.example" });
  const as = (by: string) => ({ authorization: `Bearer ${by}`, "sendergate-user": username });
  const query = envelope("info@allowed.example");
  expect((await check(gate, user, query, message(), as(door))).status).toBe(200);
  expect(await check(gate, user, query, message(), as(some))).toMatchObject({ status: 403, code: "user-not-covered" });
  expect((await session(username, password, beside())).status).toBe(204);
  expect(await session(username, password, beside({}, some))).toMatchObject({ status: 403, code: "user-not-covered" });
  // Not before the password was right: it would say that there is such a user.
  expect((await session(username, "wrong", beside({}, some))).status).toBe(401);
});

test("a token works as soon as it is made, also after it was guessed", async () => {
  const tokens = await Promise.all(Array.from({ length: 5 }, () => token("all")));
  for (const made of tokens) expect((await session(user.username, user.password, beside({}, made))).status).toBe(204);
});
