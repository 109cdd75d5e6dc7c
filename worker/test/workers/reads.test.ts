/** How often the database is read, counted where the worker asks for it. */
import { applyD1Migrations, createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { beforeAll, expect, test } from "vitest";
import { app } from "../../src/app.ts";
import { peppersOf } from "../../src/auth/secrets.ts";
import { insertList } from "../../src/directory/lists.ts";
import { insertUser } from "../../src/directory/users.ts";
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

async function somebody(domains: string): Promise<{ username: string; password: string }> {
  const settings = { name: "Customers", onUnauthorized: "block" as const, identities: ["from" as const], maxPriority: 1 as const, stampPriority: false };
  const list = await insertList(env.DB, settings);
  const fields = { active: true, priority: 3 as const, note: "", domains, senders: "" };
  const password = "not random";
  const user = await insertUser(env.DB, list.id, fields, { domains: 1, senders: 0 }, await peppersOf(env).keep(password));
  return { username: user?.username ?? "", password };
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

test("whoever asks at the same time shares one read, of what is not there too", async () => {
  const user = await somebody("a.example");
  const { bindings, statements } = counted();
  const statuses = await Promise.all(Array.from({ length: 30 }, () => post(bindings, "/v1/messages/check", user)));
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(statements.filter((sql) => sql.includes("JOIN lists"))).toHaveLength(1);
  expect(statements).toHaveLength(2);
  const nobody = { username: "snobody", password: "guess" };
  statements.length = 0;
  for (let guess = 0; guess < 5; guess += 1) expect(await post(bindings, "/v1/messages/check", nobody)).toBe(401);
  expect(statements).toHaveLength(1);
});

test("who is throttled has the database read no more", async () => {
  const { bindings, statements } = counted();
  const statuses: number[] = [];
  for (let guess = 0; guess < 15; guess += 1) statuses.push(await post({ ...bindings, FRESHNESS_MS: "0" }, "/v1/messages/check", { username: "sguessed", password: "x" }));
  expect(statuses.slice(10)).toEqual([429, 429, 429, 429, 429]);
  expect(statements).toHaveLength(10);
});
