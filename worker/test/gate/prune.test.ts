/** What is old goes from the log, by steps, in D1 as workerd runs it. */
import { SenderPolicy, version } from "sendergate";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { messageId, timePrefix } from "../../src/ids.ts";
import { prune } from "../../src/logbook/prune.ts";
import type { LogEvent } from "../../src/outbox/event.ts";
import { project } from "../../src/projector.ts";
import { type Database, freshDatabase } from "../database.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const AT = Date.UTC(2026, 10, 23, 12, 10);

let database: Database;
let env: Env;
beforeAll(async () => {
  database = await freshDatabase();
  env = database.env;
});
afterAll(() => database.close());
beforeEach(async () => {
  const tables = ["messages", "deliveries", "statistics", "alerts", "lists"];
  await env.DB.batch([
    ...tables.map((table) => env.DB.prepare(`DELETE FROM ${table}`)),
    env.DB.prepare("UPDATE clock SET mark = NULL"),
    env.DB.prepare("INSERT INTO lists (id, name, created_at) VALUES ('l1', 'Customers', 0)"),
  ]);
});

const rows = async (sql: string) => (await env.DB.prepare(sql).all()).results;
const policy = new SenderPolicy({ domains: "a.example" });
function refused(at: number): LogEvent {
  const decision = policy.decide({ mailFrom: null, header: new TextEncoder().encode("From: me@b.example\r\n\r\n") });
  return { id: messageId(at), at, listId: "l1", username: "s1", mailFrom: null, recipients: ["to@b.example"], size: 100, decision, engine: version, accepted: false };
}

test("what is old goes, by steps; statistics stay; of a deleted list nothing stays", async () => {
  const old = Array.from({ length: 1300 }, (_, index) => refused(AT - 91 * DAY + index));
  await project(env, [...old, refused(AT)], [
    { messageId: old[0]?.id ?? "", sequence: 0, at: AT, listId: "l1", state: "failed", attempt: 1, results: [] },
  ]);
  const gone = { ...refused(AT), listId: "l2" };
  await project(env, [gone], []);
  // 1,300 messages, one delivery, one alert of the old; the message, the alert and the statistics of the list that is gone.
  expect(await prune(env, AT)).toBe(1305);
  expect(await prune(env, AT + 2 * HOUR)).toBe(0);
  expect(await rows("SELECT list_id, count(*) AS n FROM messages")).toEqual([{ list_id: "l1", n: 1 }]);
  expect(await rows("SELECT count FROM alerts")).toEqual([{ count: 1 }]);
  expect(await rows("SELECT day, messages FROM statistics ORDER BY day")).toEqual([
    { day: "2026-08-24", messages: 1300 },
    { day: "2026-11-23", messages: 1 },
  ]);
});

test("of a great many old rows a run takes a few, by statements that read few, and the next goes on; one list does not wait for another", async () => {
  const many = 100_000;
  const insert = `WITH RECURSIVE numbers (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM numbers WHERE value < ?3)
    INSERT INTO deliveries (list_id, message_id, sequence, at, attempt, state, results)
    SELECT ?1, printf('%s%06d', ?2, value), 1, 0, 1, 'failed', '[]' FROM numbers`;
  const old = timePrefix(AT - 100 * DAY);
  await env.DB.batch([
    env.DB.prepare("INSERT INTO lists (id, name, created_at) VALUES ('l2', 'Other', 0)"),
    env.DB.prepare(insert).bind("l1", old, many),
    env.DB.prepare(insert).bind("l2", old, 700),
  ]);
  let most = 0;
  const watched = {
    prepare: (sql: string) => {
      const watch = (statement: D1PreparedStatement): D1PreparedStatement =>
        new Proxy(statement, {
          get: (target, name) => {
            if (name === "bind") return (...values: unknown[]) => watch(target.bind(...values));
            if (name !== "run" && name !== "all") return Reflect.get(target, name).bind(target);
            return async () => {
              const result = await target.run();
              most = Math.max(most, result.meta.rows_read);
              return result;
            };
          },
        });
      return watch(env.DB.prepare(sql));
    },
  } as unknown as D1Database;
  const left = async () => Object.fromEntries((await rows("SELECT list_id, count(*) AS n FROM deliveries GROUP BY 1")).map(({ list_id: list, n }) => [list, n]));
  /** As many looks at the time as a slow database would allow. */
  const run = (looks: number, now = AT) => prune({ ...env, DB: watched }, now, () => (looks -= 1) >= 0);
  await run(9);
  const { l1: first } = await left();
  expect(first).toBeLessThan(many);
  expect(first).toBeGreaterThan(many - 5_000);
  for (let minute = 1; minute < 6; minute += 1) await run(9, AT + minute * MINUTE);
  expect(await left()).toEqual({ l1: expect.any(Number) });
  expect(Number((await left())["l1"])).toBeGreaterThan(many / 2);
  for (let minute = 6; Object.keys(await left()).length > 0 && minute < 60; minute += 1) await run(100, AT + minute * MINUTE);
  expect(await left()).toEqual({});
  expect(most).toBeLessThan(3_000);
});
