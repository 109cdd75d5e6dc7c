/** Wrangler migrates a database of the first release with data, and all of it can be read. */
import { createHmac, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expected } from "../api.ts";
import { type Gate, startOn } from "../gate.ts";
import { statements } from "../database.ts";

const FIRST = fileURLToPath(new URL("../../migrations/0001_base.sql", import.meta.url));
const MADE = Date.UTC(2026, 10, 20, 9, 30);
const PASSWORD = "a password of the first days";
const pepper = randomBytes(32);

let gate: Gate;
beforeAll(async () => {
  const data = await mkdtemp(join(tmpdir(), "sendergate-first-release-"));
  const mac = createHmac("sha256", pepper).update(PASSWORD).digest("base64url");
  await writeFile(join(data, "secrets.json"), JSON.stringify({ PEPPERS: `p1:${pepper.toString("base64url")}` }));
  const miniflare = new Miniflare({
    modules: true,
    script: "export default {};",
    compatibilityDate: "2026-03-31",
    cf: false,
    // As wrangler.jsonc calls it, so that Wrangler finds it in its place.
    d1Databases: { DB: "sendergate" },
    d1Persist: join(data, "v3/d1"),
  });
  const db = (await miniflare.getD1Database("DB")) as unknown as Env["DB"];
  const sql = [
    ...statements(await readFile(FIRST, "utf8")),
    // What Wrangler writes down of a migration that it has applied.
    "CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)",
    "INSERT INTO d1_migrations (name) VALUES ('0001_base.sql')",
    `INSERT INTO lists (id, name, on_unauthorized, identities, max_priority, stamp_priority, created_at, version)
     VALUES ('lfirst00000', 'The first customers', 'alert', '["from","sender"]', 2, 1, ${MADE}, 4)`,
    "INSERT INTO given_names (name) VALUES ('sfirst00000'), ('slater00000'), ('sgone000000')",
    `INSERT INTO users (username, list_id, active, priority, note, domains, senders, domain_count, sender_count, password_mac, pepper_id,
       created_at, updated_at, last_message_at, version) VALUES
     ('sfirst00000', 'lfirst00000', 1, 2, 'webshop', 'example.com;xn--bcher-kva.example', 'info@example.net', 2, 1, '${mac}', 'p1', ${MADE}, ${MADE + 1}, ${MADE + 2}, 7),
     ('slater00000', 'lfirst00000', 0, 5, '', '', 'in*fo@example.net;x@example.net;info+*@example.net;"a*;b"@example.net;*@example.net', 0, 5, '${mac}', 'p1', ${MADE + 3}, ${MADE + 3}, NULL, 1)`,
    `INSERT INTO service_tokens (id, name, lists, mac, pepper_id, created_at) VALUES ('tfirst00000', 'door', '["lfirst00000"]', '${mac}', 'p1', ${MADE})`,
  ];
  for (const statement of sql) await db.prepare(statement).run();
  await miniflare.dispose();
  gate = await startOn(data);
}, 120_000);
afterAll(async () => {
  await gate.remove();
  await rm(gate.data, { recursive: true, force: true });
});

const path = "/api/lists/lfirst00000";

test("every later migration was applied, the first one not again", async () => {
  const { DB } = await gate.inside();
  const { results } = await DB.prepare("SELECT name FROM d1_migrations ORDER BY id").all<{ name: string }>();
  expect(results.map(({ name }) => name)[0]).toBe("0001_base.sql");
  expect(results.length).toBeGreaterThan(1);
  expect(new Set(results.map(({ name }) => name)).size).toBe(results.length);
});

test("lists, users and tokens are as they were", async () => {
  expect(await expected(gate.admin("GET", path), 200)).toEqual({
    id: "lfirst00000",
    name: "The first customers",
    onUnauthorized: "alert",
    identities: ["from", "sender"],
    maxPriority: 2,
    stampPriority: true,
    createdAt: "2026-11-20T09:30:00.000Z",
    version: 4,
    holds: { users: 2, messages: 0, alerts: 0 },
  });
  expect(await expected(gate.admin("GET", `${path}/users/sfirst00000`), 200)).toEqual({
    username: "sfirst00000",
    active: true,
    priority: 2,
    note: "webshop",
    domains: "example.com;xn--bcher-kva.example",
    senders: "info@example.net",
    domainCount: 2,
    senderCount: 1,
    createdAt: "2026-11-20T09:30:00.000Z",
    updatedAt: "2026-11-20T09:30:00.001Z",
    lastMessageAt: "2026-11-20T09:30:00.002Z",
    version: 7,
  });
  expect(await expected(gate.admin("GET", `${path}/users`), 200)).toMatchObject({ total: 2, items: [{ username: "sfirst00000" }, { username: "slater00000" }] });
  expect(await expected(gate.admin("GET", "/api/service-tokens"), 200)).toMatchObject({ items: [{ id: "tfirst00000", lists: ["lfirst00000"] }] });
});

test("a star that was a character of a mailbox's name stays one, in quotes", async () => {
  expect(await expected(gate.admin("GET", `${path}/users/slater00000`), 200)).toMatchObject({
    senders: '"in*fo"@example.net;x@example.net;"info+*"@example.net;"a*;b"@example.net;"*"@example.net',
    version: 2,
  });
});

test("what came later is there and empty", async () => {
  for (const name of ["alerts", "messages", "statistics", "statistics/refused"]) {
    expect(await expected(gate.admin("GET", `${path}/${name}`), 200), name).toEqual({ items: [] });
  }
  expect(await expected(gate.admin("GET", `${path}/alert-settings`), 200)).toMatchObject({ addresses: [], webhook: null });
});

test("its users are changed, and send with the passwords they have", async () => {
  const change = gate.admin("PATCH", `${path}/users/sfirst00000`, { note: "still here" }, { "if-match": '"7"' });
  expect(await expected(change, 200)).toMatchObject({ note: "still here", version: 8 });
  const headers = { authorization: `Basic ${btoa(`sfirst00000:${PASSWORD}`)}`, "content-type": "message/rfc822" };
  const body = "From: info@example.net\r\n\r\nfrom the first release\r\n";
  const answer = await fetch(`${gate.url}/v1/messages?from=info@example.net&to=to@example.org`, { method: "POST", headers, body });
  expect(await expected(answer, 202)).toMatchObject({ decision: { action: "send" } });
});
