import { afterAll, beforeAll, expect, test } from "vitest";
import { type ListBody, type UserBody, createList, createUser, expected } from "../api.ts";
import { type Gate, freshGate } from "../gate.ts";

let gate: Gate;
let list: ListBody;
let users: string;
beforeAll(async () => {
  gate = await freshGate();
  list = await createList(gate);
  users = `/api/lists/${list.id}/users`;
});
afterAll(() => gate.remove());

const patch = (user: string, change: unknown, version: number) =>
  gate.admin("PATCH", `${users}/${user}`, change, { "if-match": `"${version}"` });

test("a user is made canonical, with a random name, and a password that is shown once", async () => {
  const answer = await gate.admin("POST", users, { note: "Shop", domains: " Example.com ;bücher.example", senders: "Info@example.net;" });
  const { password, ...user } = await expected<UserBody>(answer, 201);
  expect(password).toMatch(/^[a-z2-9]{26,}$/);
  expect(user).toEqual({
    username: expect.stringMatching(/^s[a-z2-7]{10}$/),
    active: true,
    priority: 3,
    note: "Shop",
    domains: "example.com;xn--bcher-kva.example",
    senders: "Info@example.net",
    domainCount: 2,
    senderCount: 1,
    createdAt: expect.any(String),
    updatedAt: expect.any(String),
    version: 1,
    diagnostics: [],
  });
  expect(answer.headers.get("location")).toBe(`${users}/${user.username}`);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  const read = await gate.admin("GET", `${users}/${user.username}`);
  expect(read.headers.get("etag")).toBe('"1"');
  const text = await read.text();
  expect(text).not.toContain(password);
  const { diagnostics: _, ...stored } = user;
  expect(JSON.parse(text)).toEqual(stored);
});

test("what the engine finds comes back for the form to place", async () => {
  const problem = await expected(gate.admin("POST", users, { domains: "a.example, b.example", senders: "x", priority: 9, note: "a\u0000b" }), 422);
  expect(problem).toMatchObject({ code: "user-invalid" });
  const found = problem["diagnostics"] as { field: string; code: string; span?: unknown }[];
  expect(found.map(({ field, code }) => `${field} ${code}`).sort()).toEqual([
    "domains separator-comma",
    "note note-character",
    "priority priority-out-of-range",
    "senders at-missing",
  ]);
  expect(found.find(({ field }) => field === "domains")?.span).toEqual({ start: 9, end: 10 });
});

test("a warning is said and does not stop", async () => {
  const user = await createUser(gate, list.id, { domains: "gmail.com" });
  expect(user["diagnostics"]).toMatchObject([{ code: "free-mail", severity: "warning", field: "domains" }]);
});

test.each([
  [{ username: "mine" }, ""],
  [{ password: "mine" }, ""],
  [{ domains: ["example.com"] }, "/domains"],
  [{ active: "yes" }, "/active"],
  [{ priority: "1" }, "/priority"],
  [{ note: "half \udc00" }, "/note"],
])("%j is no draft", async (draft, path) => {
  const problem = await expected(gate.admin("POST", users, draft), 422);
  expect(problem).toMatchObject({ code: "invalid-request", errors: [{ in: "body", path }] });
});

test("a change touches what it names and leaves the rest as it is stored", async () => {
  const { username, domains } = await createUser(gate, list.id, { domains: "b.example;a.example", note: "before", priority: 2 });
  const after = await expected<UserBody>(patch(username, { note: "after" }, 1), 200);
  expect(after).toMatchObject({ note: "after", domains, priority: 2, version: 2, domainCount: 2 });
  const more = await expected<UserBody>(patch(username, { domains: "C.example", active: false }, 2), 200);
  expect(more).toMatchObject({ note: "after", domains: "c.example", active: false, domainCount: 1, version: 3 });
  // A form sends everything; where nothing is new, nothing is written.
  const { active, priority, note, senders } = { ...more, active: false, priority: 2, note: "after" };
  expect(await expected(patch(username, { active, priority, note, domains: "c.example", senders }, 3), 200)).toMatchObject({ version: 3 });
  expect(await expected(patch(username, { domains: "c.example d.example" }, 3), 422)).toMatchObject({ code: "user-invalid" });
  expect(await expected(gate.admin("GET", `${users}/${username}`), 200)).toMatchObject({ domains: "c.example", version: 3 });
});

test("the last restriction is lifted only where that is said", async () => {
  const { username } = await createUser(gate, list.id, { domains: "a.example", senders: "x@b.example" });
  await expected(patch(username, { domains: "" }, 1), 200);
  const problem = await expected(patch(username, { senders: "  " }, 2), 422);
  expect(problem).toMatchObject({ code: "every-sender-allowed", diagnostics: [{ code: "everyone-may-send" }] });
  await expected(patch(username, { senders: "", allowEverySender: false }, 2), 422);
  expect(await expected(patch(username, { senders: "", allowEverySender: true }, 2), 200)).toMatchObject({ senders: "", version: 3 });
  // Nothing is lifted any more: other changes need no leave.
  await expected(patch(username, { note: "open" }, 3), 200);
  // A separator alone is a typing error.
  expect(await expected(patch(username, { senders: ";" }, 4), 422)).toMatchObject({ code: "user-invalid" });
});

test("a new user without lists may send as everybody, and is told so", async () => {
  const user = await createUser(gate, list.id);
  expect(user["diagnostics"]).toMatchObject([{ code: "everyone-may-send" }]);
});

test("two people change one user: one is told, with both versions", async () => {
  const { username } = await createUser(gate, list.id, { domains: "a.example", note: "as it was" });
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, client) => patch(username, { note: `by client ${client}`, domains: `c${client}.example` }, 1)),
  );
  const bodies = await Promise.all(answers.map(async (answer) => ({ status: answer.status, body: (await answer.json()) as Record<string, unknown> })));
  const won = bodies.filter(({ status }) => status === 200);
  expect(won).toHaveLength(1);
  const winner = won[0]?.body["note"];
  bodies.forEach(({ status, body }, client) => {
    if (status === 200) return;
    expect(status).toBe(412);
    expect(body).toMatchObject({
      code: "version-passed",
      current: { username, note: winner, version: 2 },
      yours: { note: `by client ${client}`, domains: `c${client}.example`, active: true, priority: 3, senders: "" },
    });
  });
  expect(await expected(gate.admin("GET", `${users}/${username}`), 200)).toMatchObject({ note: winner, version: 2 });
  await expected(gate.admin("PATCH", `${users}/${username}`, { note: "blind" }), 428);
});

test("a deletion states the version too, and ends everything but the name", async () => {
  const { username } = await createUser(gate, list.id);
  const path = `${users}/${username}`;
  await expected(gate.admin("DELETE", path), 428);
  await expected(patch(username, { note: "still in use" }, 1), 200);
  expect(await expected(gate.admin("DELETE", path, undefined, { "if-match": '"1"' }), 412)).toMatchObject({ current: { note: "still in use" } });
  await expected(gate.admin("DELETE", path, undefined, { "if-match": '"2"' }), 204);
  await expected(gate.admin("GET", path), 404);
  await expected(gate.admin("DELETE", path, undefined, { "if-match": '"2"' }), 404);
  await expected(patch(username, { note: "gone" }, 2), 404);
  const { DB } = await gate.inside();
  expect(await DB.prepare("SELECT name FROM given_names WHERE name = ?").bind(username).first()).toEqual({ name: username });
});

test("a password is reset any number of times, and an open form can still be saved", async () => {
  const { username, password } = await createUser(gate, list.id);
  const reset = () => gate.admin("POST", `${users}/${username}/password`);
  const first = await reset();
  expect(first.headers.get("etag")).toBe('"1"');
  const one = await expected<UserBody>(first, 200);
  const two = await expected<UserBody>(reset(), 200);
  expect(one.username).toBe(username);
  expect(new Set([password, one.password, two.password]).size).toBe(3);
  await expected(patch(username, { note: "typed meanwhile" }, 1), 200);
  await expected(gate.admin("POST", `${users}/snobody/password`), 404);
});

test("a user is found in its own list only", async () => {
  const { username } = await createUser(gate, list.id);
  const other = await createList(gate);
  const path = `/api/lists/${other.id}/users/${username}`;
  await expected(gate.admin("GET", path), 404);
  await expected(gate.admin("PATCH", path, { note: "x" }, { "if-match": '"1"' }), 404);
  await expected(gate.admin("DELETE", path, undefined, { "if-match": '"1"' }), 404);
  await expected(gate.admin("POST", `${path}/password`), 404);
  await expected(gate.admin("GET", `${users}/${username}`), 200);
});

test("lists of a megabyte are saved, and what no row can hold is refused", async () => {
  const domains = Array.from({ length: 47_000 }, (_, turn) => `d${String(turn).padStart(7, "0")}.example.com`).join(";");
  const user = await createUser(gate, list.id, { domains });
  expect(user["domainCount"]).toBe(47_000);
  expect(user.domains).toBe(domains);
  const senders = Array.from({ length: 36_000 }, (_, turn) => `s${String(turn).padStart(7, "0")}@other.example.org`).join(";");
  const problem = await expected(patch(user.username, { senders }, 1), 422);
  expect(problem).toMatchObject({ code: "user-too-large", limit: 1_900_000 });
});
