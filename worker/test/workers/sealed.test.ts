/** Webhook secrets in D1: sealed, and sealed anew when the pepper changes. */
import { applyD1Migrations } from "cloudflare:test";
import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import { seal, sealAnew, unseal } from "../../src/alerts/secrets.ts";
import { saveAlertSettings, storedAlertSettings } from "../../src/alerts/settings.ts";
import { secretsBeginning } from "../../src/directory/alert-settings.ts";
import { recordRun } from "../../src/directory/clock.ts";
import { insertList } from "../../src/directory/lists.ts";
import { env } from "./made.ts";

beforeAll(() => applyD1Migrations(env.DB, env.MIGRATIONS));
// As after the clock's first run.
beforeEach(async () => {
  await env.DB.prepare("DELETE FROM clock WHERE part = 'secrets'").run();
  await recordRun(env, ["secrets"], [], 0);
});

const now = 1_800_000_000_000;
const HOUR = 3_600_000;
/** Time for `most` secrets, and for the reading of them. */
const steps = (most: number) => {
  let left = most + 1;
  return () => (left -= 1) >= 0;
};

const pepper = (id: string, letter: string) => `${id}:${letter.repeat(43)}`;
const under = (...peppers: string[]): Env => ({ ...env, PEPPERS: peppers.join(";") });
const OLD = under(pepper("p1", "A"));
const BOTH = under(pepper("p2", "B"), pepper("p1", "A"));
const NEW = under(pepper("p2", "B"));

const SETTINGS = { actions: ["block" as const], addresses: [], digestMinutes: 0, webhook: { url: "https://hooks.yourcompany.example/", newSecret: false } };

const list = async () =>
  (await insertList(env, { name: "Customers", onUnauthorized: "block", identities: ["from"], maxPriority: 1, stampPriority: false })).id;
const kept = (id: string) => env.DB.prepare("SELECT webhook_secret FROM alert_settings WHERE list_id = ?").bind(id).first<string>("webhook_secret");
const secretOf = async (bindings: Env, id: string) => (await storedAlertSettings(bindings, id)).webhook?.secret;

test("what is kept opens under its pepper and for its list alone, and never looks the same twice", async () => {
  const sealed = await seal(OLD, "whsec_abc", "l1");
  expect(sealed).toMatch(/^sealed:p1:[\w-]+$/);
  expect(sealed).not.toBe(await seal(OLD, "whsec_abc", "l1"));
  expect(await unseal(OLD, sealed, "l1")).toBe("whsec_abc");
  expect(await unseal(BOTH, sealed, "l1")).toBe("whsec_abc");
  expect(await unseal(OLD, sealed, "l2")).toBeUndefined();
  expect(await unseal(NEW, sealed, "l1")).toBeUndefined();
  expect(await unseal(under(pepper("p1", "C")), sealed, "l1")).toBeUndefined();
  const last = sealed.at(-1) === "A" ? "Q" : "A";
  for (const broken of [`${sealed.slice(0, -1)}${last}`, "sealed:p1:", "sealed:p1:AAAA", "sealed:", "sealed:p1:!"]) expect(await unseal(OLD, broken, "l1"), broken).toBeUndefined();
});

test("a secret of before there were seals serves, and is sealed by the clock in bounded steps", async () => {
  const ids = await Promise.all(Array.from({ length: 7 }, list));
  const insert = env.DB.prepare("INSERT INTO alert_settings (list_id, actions, addresses, webhook_url, webhook_secret) VALUES (?, '[]', '[]', 'https://hooks.example/', ?)");
  await env.DB.batch(ids.map((id) => insert.bind(id, `whsec_${id}`)));
  expect(await secretOf(OLD, ids[0] ?? "")).toBe(`whsec_${ids[0]}`);
  expect(await sealAnew(OLD, now, steps(5))).toBe(5);
  expect(await sealAnew(OLD, now, steps(5))).toBe(2);
  expect(await sealAnew(OLD, now, steps(5))).toBe(0);
  for (const id of ids) {
    expect(await kept(id)).toMatch(/^sealed:p1:/);
    expect(await secretOf(OLD, id)).toBe(`whsec_${id}`);
  }
  // Another pepper comes, and the old one may go when the clock has been there.
  expect(await sealAnew(BOTH)).toBe(7);
  for (const id of ids) {
    expect(await kept(id)).toMatch(/^sealed:p2:/);
    expect(await secretOf(NEW, id)).toBe(`whsec_${id}`);
  }
  expect(await env.DB.prepare("SELECT sum(version) AS versions FROM alert_settings").first("versions")).toBe(7);
});

test("a secret whose pepper is gone is not lost, and saving makes another one", async () => {
  const id = await list();
  const { secret } = await saveAlertSettings(OLD, id, SETTINGS, 0);
  expect(secret).toMatch(/^whsec_/);
  expect(await kept(id)).not.toContain(secret?.slice(6));
  expect(await secretOf(NEW, id)).toBeUndefined();
  expect(await sealAnew(NEW)).toBe(0);
  expect(await secretOf(BOTH, id)).toBe(secret);
  // Saved anew it is sealed under the pepper in use, and shown to nobody.
  expect(await saveAlertSettings(BOTH, id, { ...SETTINGS, digestMinutes: 5 }, 1)).toEqual({ saved: true });
  expect(await kept(id)).toMatch(/^sealed:p2:/);
  expect(await secretOf(NEW, id)).toBe(secret);
  const last = under(pepper("p3", "C"));
  const made = await saveAlertSettings(last, id, SETTINGS, 2);
  expect(made.secret).toMatch(/^whsec_/);
  expect(await secretOf(last, id)).toBe(made.secret);
});

test("what cannot be read keeps nobody behind it waiting, is told once an hour, and tried again with another pepper", async () => {
  await env.DB.prepare("DELETE FROM alert_settings").run();
  const insert = env.DB.prepare("INSERT INTO alert_settings (list_id, actions, addresses, webhook_url, webhook_secret) VALUES (?, '[]', '[]', 'https://hooks.example/', ?)");
  const ids = await Promise.all(Array.from({ length: 130 }, list));
  // 120 that do not open, and behind them ten that do.
  const unreadable = ids.slice(0, 120).map((id, index) => insert.bind(id, `sealed:p1:-${String(index).padStart(3, "0")}`));
  const readable: D1PreparedStatement[] = [];
  for (const id of ids.slice(120)) {
    let sealed = "";
    while (sealed <= "sealed:p1:-z") sealed = await seal(OLD, `whsec_${id}`, id);
    readable.push(insert.bind(id, sealed));
  }
  await env.DB.batch([...unreadable, ...readable]);
  const told = vi.spyOn(console, "error").mockImplementation(() => undefined);
  try {
    let sealed = 0;
    // Of each minute the time is for fifty.
    for (let minute = 0; minute < 4; minute += 1) sealed += await sealAnew(BOTH, now + minute * 60_000, steps(50));
    expect(sealed).toBe(10);
    for (const id of ids.slice(120)) expect(await secretOf(NEW, id)).toBe(`whsec_${id}`);
    expect(told.mock.calls.length).toBe(3);
    await sealAnew(BOTH, now + 30 * 60_000);
    expect(told.mock.calls.length).toBe(3);
    await sealAnew(BOTH, now + 2 * HOUR);
    expect(told.mock.calls.length).toBe(4);
    await sealAnew(under(pepper("p3", "C"), pepper("p2", "B"), pepper("p1", "A")), now + 2 * HOUR + 60_000);
    expect(told.mock.calls.length).toBe(5);
  } finally {
    told.mockRestore();
  }
  for (const id of ids.slice(120)) expect(await kept(id)).toMatch(/^sealed:p3:/);
});

test("the clock finds what is to be sealed by the index", async () => {
  const statements: string[] = [];
  const DB = new Proxy(env.DB, {
    get(target, name) {
      if (name !== "prepare") return (Reflect.get(target, name) as () => unknown).bind(target);
      return (sql: string) => {
        statements.push(sql);
        return target.prepare(sql);
      };
    },
  });
  await secretsBeginning({ ...env, DB }, "sealed:p1:", "", 1);
  expect(statements).toHaveLength(1);
  const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${statements[0]}`).bind("a", "b", 1).all<{ detail: string }>();
  expect(results.map(({ detail }) => detail)).toEqual([expect.stringMatching(/^SEARCH alert_settings USING INDEX alert_settings_by_secret /)]);
});
