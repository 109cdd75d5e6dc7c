/** However much waits, one step of the upkeep reads and does so much and no more. */
import { applyD1Migrations, runInDurableObject } from "cloudflare:test";
import { beforeAll, expect, test } from "vitest";
import type { AcceptingOutbox as Outbox } from "../../src/outbox/outbox.ts";
import { Store } from "../../src/outbox/store.ts";
import { acceptance } from "../acceptance.ts";
import { env } from "./made.ts";

beforeAll(() => applyD1Migrations(env.DB, env.MIGRATIONS));

const DAY = 24 * 3_600_000;
const START = 1_800_000_000_000;
const many = (count: number) => Array.from({ length: count }, (_, index) => `r${index}@b.example`);
const fresh = () => env.OUTBOX.getByName(`bounded/${crypto.randomUUID()}`);

/** The same storage, and how many rows its statements have read. */
function counted(storage: DurableObjectStorage): { storage: DurableObjectStorage; rowsRead: () => number } {
  const cursors: { rowsRead: number }[] = [];
  const sql = new Proxy(storage.sql, {
    get(target, name) {
      if (name !== "exec") return Reflect.get(target, name, target) as unknown;
      return (query: string, ...bindings: SqlStorageValue[]) => {
        const cursor = target.exec(query, ...bindings);
        cursors.push(cursor);
        return cursor;
      };
    },
  });
  const proxy = new Proxy(storage, {
    get(target, name) {
      if (name === "sql") return sql;
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === "function" ? (value as () => unknown).bind(target) : value;
    },
  });
  return { storage: proxy, rowsRead: () => cursors.splice(0).reduce((sum, { rowsRead }) => sum + rowsRead, 0) };
}

test("what the upkeep, a lease and the sweeper read does not grow with what waits", async () => {
  const reads = await runInDurableObject(fresh(), (_instance, { storage: own }) => {
    const { storage, rowsRead } = counted(own);
    const store = new Store(storage, () => 65_536);
    const steps: Record<string, (now: number) => unknown> = {
      upkeep: (now) => [store.lapse(now), store.expire(now), store.prune(now), store.outlook(now), store.oldest(), store.leased(now)],
      lease: (now) => store.lease(4, now, { connections: 4, leaseMs: 60_000 }, () => crypto.randomUUID()),
      events: () => store.ledger.notProjected(store.ledger.events().seqs),
      report: () => store.ledger.report(),
      holds: () => store.holds(["none", "neither"]),
    };
    let now = START;
    const fill = (count: number) => {
      for (let index = 0; index < count; index += 1) {
        now += 1;
        const message = acceptance({ now });
        store.accept(message, now, now + DAY);
        const { id: messageId, listId, level } = message;
        if (index % 4 === 0) store.ledger.failure({ messageId, listId, mailFrom: "a@a.example", level, acceptedAt: now, smtputf8: false, at: now, sequence: 1, results: [] });
      }
    };
    const measured = () => Object.entries(steps).map(([name, step]) => {
      rowsRead();
      step((now += 1));
      return [name, rowsRead()] as const;
    });
    fill(300);
    const few = Object.fromEntries(measured());
    fill(6_000);
    return measured().map(([name, rows]) => ({ name, few: few[name] ?? 0, rows }));
  });
  console.log(reads);
  for (const { name, few, rows } of reads) expect(rows, name).toBeLessThanOrEqual(few + 20);
});

test("giving up goes in steps: the alarm soon rings again while something is left", async () => {
  const outbox = fresh();
  let now = START;
  await runInDurableObject(outbox, (instance: Outbox) => void (instance.now = () => now));
  const messages = Array.from({ length: 7 }, () => acceptance({ now, mailFrom: null, recipients: many(1_000) }));
  for (const message of messages) await outbox.accept(message);
  const ids = messages.map(({ id }) => id);
  now += 5 * DAY;
  const left: number[] = [];
  for (let turn = 0; turn < 4; turn += 1) {
    now += 500;
    await outbox.wake();
    left.push((await outbox.holds(ids)).length);
    const alarm = await runInDurableObject(outbox, (_instance, state) => state.storage.getAlarm());
    if ((left.at(-1) ?? 0) > 0) expect(alarm).toBe(now + 500);
  }
  expect(left).toEqual([5, 3, 1, 0]);
});

test("what is out on loan when its five days are over is left to its deliverer: the alarm waits for the lease", async () => {
  const outbox = fresh();
  let now = START;
  await runInDurableObject(outbox, (instance: Outbox) => void (instance.now = () => now));
  await outbox.accept(acceptance({ now }));
  now += 5 * DAY - 1_000;
  expect(await outbox.lease(1)).toHaveLength(1);
  now += 2_000;
  await outbox.wake();
  const alarm = await runInDurableObject(outbox, (_instance, state) => state.storage.getAlarm());
  expect(alarm).toBe(now + 58_000);
});

test("forgetting goes in steps", async () => {
  const left = await runInDurableObject(fresh(), (_instance, { storage }) => {
    const store = new Store(storage, () => 65_536);
    for (let index = 0; index < 2_500; index += 1) {
      store.accept(acceptance({ now: START + index, idempotency: { key: `k${index}`, fingerprint: "print" } }), START, START + DAY);
    }
    const keys = () => storage.sql.exec<{ n: number }>("SELECT count(*) AS n FROM idempotency").one().n;
    return Array.from({ length: 3 }, () => {
      store.prune(START + DAY);
      return keys();
    });
  });
  expect(left).toEqual([1_500, 500, 0]);
});

test("a lease that ran out while the outbox was away waits for what its holder has to tell", { timeout: 30_000 }, async () => {
  const name = `bounded/${crypto.randomUUID()}`;
  // A stub whose object was reset is broken for good.
  const outbox = env.OUTBOX.getByName(name);
  const bindings = { ...env, DELIVERY_LEASE_SECONDS: "5" };
  await runInDurableObject(outbox, (instance) => void Object.assign(instance, { env: bindings }));
  const message = acceptance({ recipients: ["one@b.example", "two@b.example"] });
  await outbox.accept(message);
  const [lease] = await outbox.lease(1);
  // While it is away no alarm of its own rings.
  await runInDurableObject(outbox, (_instance, state) => state.storage.deleteAlarm());
  await new Promise((resolve) => setTimeout(resolve, 5_500));
  await runInDurableObject(outbox, (_instance, state) => state.abort()).catch(() => undefined);
  const back = env.OUTBOX.getByName(name);
  expect(await back.lease(4)).toEqual([]);
  const told = [{ recipient: "one@b.example", outcome: "delivered" as const, reply: "250 ok", enhancedCode: "2.0.0" }];
  expect(await back.tell(lease?.leaseId ?? "", told)).toBeGreaterThan(0);
  await back.report(lease?.leaseId ?? "", []);
  expect(await back.lease(4)).toMatchObject([{ messageId: message.id, recipients: ["two@b.example"], attempt: 1 }]);
});
