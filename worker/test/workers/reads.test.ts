/** How often the database is read, counted where the worker asks for it. */
import { applyD1Migrations, createExecutionContext, runInDurableObject, waitOnExecutionContext } from "cloudflare:test";
import { beforeAll, expect, test } from "vitest";
import { app } from "../../src/app.ts";
import { peppersOf } from "../../src/auth/secrets.ts";
import { BURST, Fresh, PACE_MS } from "../../src/directory/fresh.ts";
import { insertList } from "../../src/directory/lists.ts";
import { insertUser, keepPassword } from "../../src/directory/users.ts";
import { env } from "./made.ts";

beforeAll(() => applyD1Migrations(env.DB, env.MIGRATIONS));

/** The same database, and every statement that was made for it. */
function counted(): { bindings: Env; statements: string[] } {
  const statements: string[] = [];
  const DB = new Proxy(env.DB, {
    get(target, property) {
      if (property !== "prepare") return Reflect.get(target, property, target) as unknown;
      return (sql: string) => {
        statements.push(sql);
        return target.prepare(sql);
      };
    },
  });
  return { bindings: { ...env, DB, FRESHNESS_MS: "5000" }, statements };
}

async function somebody(domains: string): Promise<{ list: string; username: string; password: string }> {
  const settings = { name: "Customers", onUnauthorized: "block" as const, identities: ["from" as const], maxPriority: 1 as const, stampPriority: false };
  const list = await insertList(env, settings);
  const fields = { active: true, priority: 3 as const, note: "", domains, senders: "" };
  const password = "not random";
  const user = await insertUser(env, list.id, fields, { domains: 1, senders: 0 }, await peppersOf(env).keep(password));
  return { list: list.id, username: user?.username ?? "", password };
}

async function post(bindings: Env, path: string, { username, password }: { username: string; password: string }): Promise<number> {
  const context = createExecutionContext();
  const request = new Request(`https://gate.example${path}?from=info%40a.example&to=you%40b.example`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${username}:${password}`)}`, "content-type": "message/rfc822", "cf-connecting-ip": "192.0.2.9" },
    body: "From: <info@a.example>\r\n\r\n.\r\n",
  });
  const answer = await app.fetch(request, bindings, context);
  await answer.text();
  await waitOnExecutionContext(context);
  return answer.status;
}

test("a steady stream of messages reads nothing: one short row and the two lists at its beginning, then one short row in seconds", async () => {
  const user = await somebody("a.example");
  const { bindings, statements } = counted();
  const begin = Date.now();
  let messages = 0;
  for (; messages < 200; messages += 1) expect(await post(bindings, "/v1/messages", user)).toBe(202);
  const seconds = (Date.now() - begin) / 1_000;
  const users = statements.filter((sql) => sql.includes("password_mac") && sql.includes("JOIN lists"));
  const lists = statements.filter((sql) => sql.includes("domains, senders"));
  console.log(`${messages} messages in ${seconds.toFixed(1)} s: ${statements.length} reads of D1, ${lists.length} of them of lists`);
  expect(lists).toHaveLength(1);
  // Half of the freshness: then the row is read again while the old one serves.
  expect(users.length).toBeLessThanOrEqual(1 + Math.ceil(seconds / 2.5));
  expect(statements).toHaveLength(users.length + lists.length);
});

test("a user is read with its credentials, and no more than once again where nothing that was read may be older than now", async () => {
  const user = await somebody("a.example");
  const { bindings, statements } = counted();
  const impatient = { ...bindings, FRESHNESS_MS: "0" };
  for (const path of ["/v1/messages", "/v1/messages/check"]) {
    statements.length = 0;
    for (let messages = 0; messages < 20; messages += 1) expect([200, 202]).toContain(await post(impatient, path, user));
    const reads = statements.filter((sql) => sql.includes("JOIN lists")).length;
    console.log(`${path}: ${reads} reads of the user for 20 messages`);
    expect(reads).toBeLessThanOrEqual(40);
  }
});

test("who is over the limit costs a look at the user, and nothing else: no list, no outbox, no body, no further count", async () => {
  const { bindings, statements } = counted();
  for (const limits of [{ MESSAGES_PER_MINUTE: "2" }, { RECIPIENTS_PER_DAY: "2" }]) {
    const user = await somebody("a.example");
    await runInDurableObject(env.ALLOWANCE.getByName(user.username), (instance) => void Object.assign(instance, { env: { ...env, ...limits } }));
    for (const status of [202, 202, 429]) expect(await post(bindings, "/v1/messages", user)).toBe(status);
    statements.length = 0;
    // Whatever is asked for beyond that fails.
    const { OUTBOX: _, BODIES: __, ALLOWANCE: ___, ...left } = { ...bindings, FRESHNESS_MS: "0" };
    for (let asked = 0; asked < 5; asked += 1) {
      for (const path of ["/v1/messages", "/v1/messages/check"]) expect(await post(left as Env, path, user)).toBe(429);
    }
    expect(statements.filter((sql) => !sql.includes("JOIN lists"))).toEqual([]);
    expect(statements.length).toBeLessThanOrEqual(10);
  }
});

test("whoever asks at the same time shares one read, of what is not there too", async () => {
  const user = await somebody("a.example");
  const { bindings, statements } = counted();
  const statuses = await Promise.all(Array.from({ length: 30 }, () => post(bindings, "/v1/messages/check", user)));
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(statements.filter((sql) => sql.includes("JOIN lists"))).toHaveLength(1);
  expect(statements).toHaveLength(2);
});

/** What `attempts` many guesses at once come to, and how many statements they cost. */
async function guess(attempts: { username: string; password: string }[]): Promise<{ statuses: number[]; read: number; seconds: number }> {
  const { bindings, statements } = counted();
  const begin = Date.now();
  const statuses = await Promise.all(attempts.map((attempt) => post(bindings, "/v1/messages/check", attempt)));
  return { statuses, read: statements.length, seconds: (Date.now() - begin) / 1_000 };
}

const bound = (seconds: number) => BURST + Math.ceil((seconds * 1_000) / PACE_MS);

test("a flood of guesses reads the directory as often as the pace allows, whatever names it has; good credentials pass beside it", async () => {
  const user = await somebody("a.example");
  const names = Array.from({ length: 600 }, (_, index) => ({ username: `snobody${index}`, password: "guess" }));
  const { statuses, read, seconds } = await guess([...names.slice(0, 500), user, ...names.slice(500)]);
  expect(statuses.splice(500, 1)).toEqual([200]);
  expect(new Set(statuses)).toEqual(new Set([401, 429]));
  expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(20);
  console.log(`601 logins in ${seconds.toFixed(2)} s: ${read} statements`);
  // One more for the user's two lists.
  expect(read).toBeLessThanOrEqual(bound(seconds) + 1);
  expect(read).toBeLessThan(100);
});

test("wrong passwords of one name read it as seldom, though a reset one is looked up at once", async () => {
  const user = await somebody("a.example");
  const { read, seconds, statuses } = await guess(Array.from({ length: 300 }, (_, index) => ({ ...user, password: `guess ${index}` })));
  expect(statuses).not.toContain(200);
  expect(read).toBeLessThanOrEqual(bound(seconds));
  const { bindings } = counted();
  expect(await post(bindings, "/v1/messages/check", user)).toBe(200);
  await keepPassword(env, user.list, user.username, await peppersOf(env).keep("another"));
  expect(await post(bindings, "/v1/messages/check", { ...user, password: "another" })).toBe(200);
  // It is the one that is remembered now.
  expect(await post(bindings, "/v1/messages/check", user)).not.toBe(200);
});

test("guesses push nobody out of what is remembered", async () => {
  const statements: string[] = [];
  const remembered = new Fresh<string>(3, (_, keys) => {
    statements.push(`read ${keys.join()}`);
    return Promise.resolve(new Map(keys.filter((key) => key.startsWith("known")).map((key) => [key, key])));
  });
  expect((await remembered.get(env, "known", 60_000)).value).toBe("known");
  for (let other = 0; other < 10; other += 1) expect((await remembered.get(env, `nobody ${other}`, 60_000)).value).toBeUndefined();
  statements.length = 0;
  expect((await remembered.get(env, "known", 60_000)).value).toBe("known");
  expect(statements).toEqual([]);
});

test("what is remembered has an end: what was asked for longest ago goes first", async () => {
  const read: string[] = [];
  const remembered = new Fresh<string>(3, (_, keys) => {
    read.push(...keys);
    return Promise.resolve(new Map(keys.map((key) => [key, key])));
  });
  for (const key of ["a", "b", "c", "a", "d", "a", "c", "d", "b"]) expect((await remembered.get(env, key, 60_000)).value).toBe(key);
  expect(read).toEqual(["a", "b", "c", "d", "b"]);
});
