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

interface Imported {
  created: { username: string; password: string }[];
  updated: number;
}
const total = async () => (await expected<{ total: number }>(gate.admin("GET", users), 200)).total;

test("10,000 users are made in one request, each with a password of its own", async () => {
  const rows = Array.from({ length: 10_000 }, (_, index) => ({
    domains: `d${index}.example`,
    senders: `info@s${index}.example`,
    note: `user ${index}`,
    priority: (index % 5) + 1,
  }));
  const { created, updated } = await expected<Imported>(gate.admin("POST", `${users}/import`, { users: rows }), 200);
  expect(updated).toBe(0);
  expect(new Set(created.map(({ username }) => username)).size).toBe(10_000);
  expect(new Set(created.map(({ password }) => password)).size).toBe(10_000);
  expect(await total()).toBe(10_000);
  const user = await expected<UserBody>(gate.admin("GET", `${users}/${created[4321]?.username}`), 200);
  expect(user).toMatchObject({ domains: "d4321.example", senders: "info@s4321.example", note: "user 4321", priority: 2, domainCount: 1 });
});

test("one wrong row refuses the whole, and every wrong row is named", async () => {
  const before = await total();
  const rows = [{ domains: "good.example" }, { domains: "a.example, b.example" }, { senders: "x" }, {}, { username: "snobody", domains: "c.example" }];
  const problem = await expected(gate.admin("POST", `${users}/import`, { users: rows }), 422);
  expect(problem).toMatchObject({ code: "import-invalid", wrong: 4 });
  const found = problem["rows"] as { row: number; diagnostics: { code: string; span?: unknown }[] }[];
  expect(found.map(({ row }) => row)).toEqual([1, 2, 3, 4]);
  expect(found[0]?.diagnostics[0]).toMatchObject({ code: "separator-comma", span: { start: 9, end: 10 } });
  expect(await total()).toBe(before);
});

test("a row with a name changes that user and keeps its password; of another list it changes nobody", async () => {
  const user = await createUser(gate, list.id, { domains: "old.example" });
  const row = { username: user.username, domains: "new.example", active: false };
  expect(await expected<Imported>(gate.admin("POST", `${users}/import`, { users: [row] }), 200)).toEqual({ created: [], updated: 1 });
  expect(await expected(gate.admin("GET", `${users}/${user.username}`), 200)).toMatchObject({ domains: "new.example", active: false, version: 2 });

  const other = await createList(gate);
  const path = `/api/lists/${other.id}/users/import`;
  expect(await expected(gate.admin("POST", path, { users: [{ ...row, domains: "stolen.example" }] }), 422)).toMatchObject({ code: "import-invalid" });
  expect(await expected(gate.admin("GET", `${users}/${user.username}`), 200)).toMatchObject({ domains: "new.example" });
});

test("empty lists want a clear yes", async () => {
  expect(await expected(gate.admin("POST", `${users}/import`, { users: [{ note: "open" }] }), 422)).toMatchObject({ wrong: 1 });
  const { created } = await expected<Imported>(gate.admin("POST", `${users}/import`, { users: [{ note: "open" }], allowEverySender: true }), 200);
  expect(created).toHaveLength(1);
});

test("a list holds as many users as its limit says, made one by one, at once or by an import; a full one can still be changed", async () => {
  const own = await freshGate({ USERS_PER_LIST: "3" });
  try {
    const path = `/api/lists/${(await createList(own)).id}/users`;
    const other = `/api/lists/${(await createList(own)).id}/users`;
    const post = (domains: string) => own.admin("POST", path, { domains });
    const many = (...rows: object[]) => own.admin("POST", `${path}/import`, { users: rows });
    const held = async () => (await expected<{ total: number }>(own.admin("GET", path), 200)).total;
    const first = await expected<UserBody>(post("a.example"), 201);
    expect(await expected(many({ domains: "b.example" }, { domains: "c.example" }, { domains: "d.example" }), 409)).toMatchObject({ code: "list-full", limit: 3 });
    expect(await held()).toBe(1);
    await expected(many({ username: first.username, domains: "e.example" }, { domains: "b.example" }), 200);
    const statuses = (await Promise.all(["f", "g", "h", "i"].map((name) => post(`${name}.example`)))).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([201, 409, 409, 409]);
    expect(await expected(post("j.example"), 409)).toMatchObject({ code: "list-full", limit: 3, detail: expect.stringContaining("3 users") });
    expect(await held()).toBe(3);
    // Neither other lists nor the users of a full one are held up, and room that is made is there.
    await expected(own.admin("POST", other, { domains: "k.example" }), 201);
    await expected(many({ username: first.username, domains: "l.example" }), 200);
    const { version } = await expected<UserBody>(own.admin("GET", `${path}/${first.username}`), 200);
    expect((await own.admin("DELETE", `${path}/${first.username}`, undefined, { "if-match": `"${version}"` })).status).toBe(204);
    await expected(post("m.example"), 201);
    await expected(own.admin("POST", "/api/lists/nolist/users", { domains: "n.example" }), 404);
  } finally {
    await own.remove();
  }
});
