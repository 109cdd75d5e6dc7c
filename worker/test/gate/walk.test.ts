/**
 * Every route of /openapi.json, so that none is forgotten, with wrong or missing credentials: the answer is as expected here, and
 * reveals nothing.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ListBody, type UserBody, createList, createUser, expected } from "../api.ts";
import { ADMIN_TOKEN, type Gate, freshGate } from "../gate.ts";
import { cookieUntil, signIn } from "../sessions.ts";

interface Operation {
  operationId: string;
  security?: Record<string, unknown>[];
  requestBody?: { content: Record<string, unknown> };
}
interface Route extends Operation {
  method: string;
  path: string;
  admin: boolean;
  write: boolean;
}

let gate: Gate;
let routes: Route[];
let list: ListBody;
let other: ListBody;
let user: UserBody;
let foreign: UserBody;
let token: { id: string; token: string };
let secrets: string[];

beforeAll(async () => {
  gate = await freshGate();
  [list, other] = [await createList(gate, { name: "Ours" }), await createList(gate, { name: "Theirs" })];
  user = await createUser(gate, list.id, { domains: "example.com", note: "the note nobody may read" });
  foreign = await createUser(gate, other.id, { domains: "example.com" });
  token = await expected(gate.admin("POST", "/api/service-tokens", { name: "door", lists: [other.id] }), 201);
  const description = await expected<{ paths: Record<string, Record<string, Operation>> }>(gate.admin("GET", "/openapi.json"), 200);
  routes = Object.entries(description.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      ...operation,
      method: method.toUpperCase(),
      path: path
        .replace("{list}", list.id)
        .replace("{user}", user.username)
        .replace("{token}", token.id)
        .replace("{message}", "01k000000000000000000000aa"),
      admin: path.startsWith("/api/"),
      write: method !== "get",
    })),
  );
  const kept = JSON.parse(await readFile(join(gate.data, "secrets.json"), "utf8")) as Record<string, string>;
  const { DB } = await gate.inside();
  const rows = await DB.prepare("SELECT password_mac AS mac FROM users UNION SELECT mac FROM service_tokens").all<{ mac: string }>();
  secrets = [
    ...Object.values(kept).map((value) => value.slice(value.indexOf(":") + 1)),
    ...rows.results.map(({ mac }) => mac),
    ...[ADMIN_TOKEN, user.password, foreign.password, token.token.slice(-26)],
  ];
});
afterAll(() => gate.remove());

const basic = ({ username, password }: UserBody) => `Basic ${btoa(`${username}:${password}`)}`;

/** Of every answer: nothing that was not to be told, and a problem where it is an error. */
async function ask(route: Route, headers: Record<string, string>, body?: string | Uint8Array<ArrayBuffer>): Promise<{ status: number; code?: string }> {
  const type = Object.keys(route.requestBody?.content ?? {})[0];
  const answer = await fetch(gate.url + route.path, {
    method: route.method,
    headers: { ...(type === undefined ? {} : { "content-type": type }), ...headers },
    ...(type === undefined ? {} : { body: body ?? "{}" }),
  });
  const text = await answer.text();
  const shown = text + JSON.stringify([...answer.headers]);
  for (const secret of secrets) expect(shown, `${route.method} ${route.path} shows a secret`).not.toContain(secret);
  expect(shown, `${route.method} ${route.path} shows our inside`).not.toMatch(/\bat \S+ \(|\.ts:\d|index\.js|SQLITE|D1_ERROR|SELECT |INSERT |UPDATE |password_mac|TypeError/);
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  if (answer.status < 400) return { status: answer.status };
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  const { status, code, detail } = JSON.parse(text) as { status: number; code: string; detail: string };
  expect(status).toBe(answer.status);
  expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
  expect(detail.length).toBeGreaterThan(10);
  return { status, code };
}

/** Who tries, and what every route of the kind must say. */
interface Try {
  headers: () => Record<string, string> | Promise<Record<string, string>>;
  /** The routes of the administration; `undefined`: they are not tried. */
  admin?: (route: Route) => number;
  sending?: (route: Route) => number;
}

// Another address after every eight, so that none is throttled for what another did.
let asked = 0;
const from = () => {
  const address = (asked += 1) >> 3;
  return { "cf-connecting-ip": `10.0.${address >> 8}.${address & 255}` };
};
const elsewhere = (cookie: string, origin?: string) => ({ cookie, ...(origin === undefined ? {} : { origin }) });
const now = () => Math.floor(Date.now() / 1000);

const TRIES: Record<string, Try> = {
  "nobody": { headers: () => ({}), admin: () => 401, sending: () => 401 },
  "a wrong admin token": { headers: () => ({ authorization: "Bearer not-the-administrator-at-all" }), admin: () => 401, sending: () => 401 },
  "an empty bearer": { headers: () => ({ authorization: "Bearer " }), admin: () => 401, sending: () => 401 },
  "the admin token by Basic": { headers: () => ({ authorization: `Basic ${btoa(`admin:${ADMIN_TOKEN}`)}` }), admin: () => 401, sending: () => 401 },
  "the admin, who is no sender": { headers: () => ({ authorization: `Bearer ${ADMIN_TOKEN}` }), sending: () => 401 },
  "a service token of another list": {
    headers: () => ({ authorization: `Bearer ${token.token}`, "sendergate-user": user.username }),
    admin: () => 401,
    sending: () => 403,
  },
  "a service token with a wrong secret": {
    headers: () => ({ authorization: `Bearer ${token.token.slice(0, -1)}${token.token.endsWith("a") ? "b" : "a"}`, "sendergate-user": foreign.username }),
    admin: () => 401,
    sending: () => 401,
  },
  "a user of another list": { headers: () => ({ authorization: basic(foreign) }), admin: () => 401 },
  "a user of the list itself": { headers: () => ({ authorization: basic(user) }), admin: () => 401 },
  "a user with a wrong password": { headers: () => ({ authorization: basic({ ...user, password: foreign.password }) }), admin: () => 401, sending: () => 401 },
  "a user who states another user": { headers: () => ({ authorization: basic(foreign), "sendergate-user": user.username }), admin: () => 401, sending: () => 403 },
  "a user who states an address": { headers: () => ({ authorization: basic(user), "sendergate-client": "192.0.2.1" }), admin: () => 401, sending: () => 403 },
  "an expired cookie": { headers: async () => elsewhere(await cookieUntil(gate, now() - 1), gate.url), admin: () => 401, sending: () => 401 },
  "a cookie signed under another token": {
    headers: async () => elsewhere(await cookieUntil(gate, now() + 600, "the administrator before"), gate.url),
    admin: () => 401,
    sending: () => 401,
  },
  "a cookie, which is no sender's": { headers: async () => elsewhere(await signIn(gate), gate.url), sending: () => 401 },
  "a cookie beside a wrong token": {
    headers: async () => ({ ...elsewhere(await signIn(gate), gate.url), authorization: "Bearer not-the-administrator-at-all" }),
    admin: () => 401,
  },
  "a cookie without Origin": { headers: async () => elsewhere(await signIn(gate)), admin: ({ write }) => (write ? 403 : 0) },
  "a cookie from another site": { headers: async () => elsewhere(await signIn(gate), "https://elsewhere.example"), admin: ({ write }) => (write ? 403 : 0) },
  "a cookie from `null`": { headers: async () => elsewhere(await signIn(gate), "null"), admin: ({ write }) => (write ? 403 : 0) },
};

const trying = (what: "admin" | "sending") => Object.entries(TRIES).filter(([, tried]) => tried[what] !== undefined);

test.each(trying("admin"))("%s is kept out of the administration", async (_, { headers, admin }) => {
  const given = await headers();
  for (const route of routes.filter((route) => route.admin && route.operationId !== "signIn")) {
    const wanted = admin?.(route) ?? 0;
    if (wanted === 0) continue;
    const { status } = await ask(route, { ...given, ...from() });
    expect(status, `${route.method} ${route.path}`).toBe(wanted);
  }
});

test.each(trying("sending"))("%s sends nothing", async (_, { headers, sending }) => {
  const given = await headers();
  for (const route of routes.filter((route) => !route.admin)) {
    const { status } = await ask({ ...route, path: `${route.path}?from=info@example.com&to=to@example.net` }, { ...given, ...from() });
    expect(status, `${route.method} ${route.path}`).toBe(sending?.(route));
  }
});

const asAdmin = { authorization: `Bearer ${ADMIN_TOKEN}` };

test("the walk has walked somewhere", () => {
  expect(routes.filter(({ admin }) => admin).length).toBeGreaterThanOrEqual(25);
  expect(routes.filter(({ admin }) => !admin).map(({ path }) => path)).toEqual(["/v1/messages", "/v1/messages/check", "/v1/session"]);
  expect(routes.every(({ path }) => !path.includes("{"))).toBe(true);
});

test("only signing in needs no credentials, and only a right token signs in", async () => {
  expect(routes.filter(({ security }) => security?.length !== 2).map(({ operationId }) => operationId)).toEqual(["signIn"]);
  const route = routes.find(({ operationId }) => operationId === "signIn") as Route;
  for (const [body, wanted] of [[`{"token":"wrong"}`, 401], [`{"token":""}`, 422], [`{"token":["${ADMIN_TOKEN}"]}`, 422], ["null", 422], ["{}", 422]] as const) {
    expect((await ask(route, from(), body)).status, body).toBe(wanted);
  }
});

test.each(["x-http-method-override", "x-http-method", "x-method-override"])("%s overrides nothing", async (header) => {
  const path = `/api/lists/${list.id}`;
  await expected(gate.admin("GET", path, undefined, { [header]: "DELETE", "if-match": '"1"' }), 200);
  await expected(gate.admin("GET", `${path}?_method=DELETE`, undefined, { "if-match": '"1"' }), 200);
  await expected(gate.admin("POST", path, { _method: "DELETE" }, { [header]: "DELETE", "if-match": '"1"' }), 405);
  await expected(gate.admin("GET", path), 200);
  for (const route of routes.filter(({ admin, write }) => admin && !write)) {
    expect((await ask(route, { [header]: "POST", ...from() })).status, route.path).toBe(401);
  }
});

test("every other method is 405 and names those there are", async () => {
  for (const path of new Set(routes.map(({ path }) => path))) {
    const there = new Set(routes.filter((route) => route.path === path).map(({ method }) => method));
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].filter((method) => !there.has(method))) {
      const answer = await fetch(gate.url + path, { method, headers: asAdmin });
      // What looks like a name may be one: `/users/import` by another method is a user that is not there.
      if (path.endsWith("/users/import") && answer.status !== 405) continue;
      expect(answer.status, `${method} ${path}`).toBe(405);
      const allowed = (answer.headers.get("allow") ?? "").split(", ").filter((one) => one !== "HEAD");
      expect(new Set(allowed), `${method} ${path}`).toEqual(there);
    }
  }
});

test.each<[string, string | Uint8Array<ArrayBuffer>, number[]]>([
  ["broken JSON", `{"name":`, [400]],
  ["octets that are no UTF-8", new Uint8Array([0x22, 0xff, 0xfe, 0x22]), [400]],
  ["an array", "[]", [422]],
  ["null", "null", [422]],
  ["a prototype", `{"__proto__":{"admin":true},"constructor":{}}`, [422]],
  ["JSON a hundred thousand deep", `${"[".repeat(100_000)}${"]".repeat(100_000)}`, [400, 413, 422]],
  ["too many octets", "", [413]],
])("a body of %s is refused everywhere", async (_, body, wanted) => {
  for (const route of routes.filter(({ admin, requestBody }) => admin && requestBody !== undefined)) {
    // Of whoever signs in no more is read than is allowed: a longer one hears nothing, since the connection ends.
    const octets = route.operationId === "importUsers" ? 17 << 20 : route.operationId === "signIn" ? 5 << 10 : 5 << 20;
    const long = () => JSON.stringify({ name: "x".repeat(octets) });
    const sent = body === "" ? long() : route.operationId === "signIn" ? body.slice(0, 4 << 10) : body;
    const { status } = await ask(route, { ...asAdmin, "if-match": '"1"' }, sent);
    expect(wanted, `${route.method} ${route.path}: ${status}`).toContain(status);
  }
});

test("a body of another type is refused everywhere", async () => {
  for (const route of routes.filter(({ requestBody }) => requestBody !== undefined)) {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json", "application/jsonx"]) {
      const headers = { ...(route.admin ? asAdmin : { authorization: basic(user) }), "content-type": type, "if-match": '"1"' };
      const path = route.admin ? route.path : `${route.path}?from=info@example.com&to=to@example.net`;
      expect((await ask({ ...route, path }, headers)).status, `${route.method} ${route.path} ${type}`).toBe(415);
    }
  }
});

test("names of lists, users, tokens and messages are nothing but names", async () => {
  const names = ["..", "%2e%2e", "%00", "%ff", "'%20OR%201=1--", "%7Blist%7D", "__proto__", "x".repeat(3000), "%F0%9F%98%80", "*", "%25"];
  for (const route of routes.filter(({ admin }) => admin)) {
    for (const name of names) {
      const path = route.path.replace(list.id, name).replace(user.username, name).replace(token.id, name);
      if (path === route.path) continue;
      const { status } = await ask({ ...route, path }, { ...asAdmin, "if-match": '"1"' });
      expect([404, 405, 415, 422], `${route.method} ${path}: ${status}`).toContain(status);
    }
  }
});

test("a user is nothing in another list", async () => {
  for (const route of routes.filter(({ path }) => path.includes(user.username))) {
    const path = route.path.replace(list.id, other.id);
    expect((await ask({ ...route, path }, { ...asAdmin, "if-match": '"1"' })).status, `${route.method} ${path}`).toBe(404);
  }
});

test("after all of this everything stands as it stood", async () => {
  expect(await expected(gate.admin("GET", `/api/lists/${list.id}`), 200)).toMatchObject({ name: "Ours", version: 1, holds: { users: 1, messages: 0, alerts: 0 } });
  expect(await expected(gate.admin("GET", `/api/lists/${list.id}/users/${user.username}`), 200)).toMatchObject({ version: 1, domains: "example.com" });
  const answer = await fetch(`${gate.url}/v1/session`, { headers: { authorization: basic(user), ...from() } });
  expect(answer.status).toBe(204);
  const { items } = await expected<{ items: unknown[] }>(gate.admin("GET", "/api/service-tokens"), 200);
  expect(items).toHaveLength(1);
});
