/** Removes what is older than RETENTION_DAYS from the log and the Alert Center, and whatever a deleted list left behind. Statistics stay. */
import { settings } from "../settings.ts";
import { timePrefix } from "../ids.ts";

const DAY = 86_400_000;
/** Rows that one statement deletes; D1 stops a statement that runs too long. */
const STEP = 500;
/** Statements in one run: what is left is for the next. */
const MOST_STEPS = 60;

/** Their rows are found by a key that begins with the list and sorts by time. */
const TABLES = [
  { table: "messages", key: "id", cutoff: timePrefix },
  { table: "deliveries", key: "message_id", cutoff: timePrefix },
  { table: "alerts", key: "id", cutoff: timePrefix },
  { table: "notices", key: "created_at", cutoff: (at: number) => at },
  { table: "statistics", key: "day", cutoff: () => undefined },
] as const;

interface HeldList {
  id: string;
  alive: number;
}

/** Sorts behind every key of these tables, the numbers too. */
const END = "~";

/** @returns how many rows went. */
export async function prune(env: Env, now = Date.now()): Promise<number> {
  const before = now - settings(env).RETENTION_DAYS * DAY;
  let steps = MOST_STEPS;
  let gone = 0;
  for (const { table, key, cutoff } of TABLES) {
    const step = env.DB.prepare(
      `DELETE FROM ${table} WHERE list_id = ?1 AND ${key} < ?2 AND ${key} <= coalesce(
         (SELECT ${key} FROM ${table} WHERE list_id = ?1 AND ${key} < ?2 ORDER BY ${key} LIMIT 1 OFFSET ${STEP - 1}), '${END}')`,
    );
    for (const { id, alive } of await heldLists(env, table)) {
      const end = alive === 0 ? END : cutoff(before);
      for (let changes = STEP; changes >= STEP && end !== undefined; steps -= 1) {
        if (steps === 0) return gone;
        ({ changes } = (await step.bind(id, end).run()).meta);
        gone += changes;
      }
    }
  }
  return gone;
}

/** The lists that `table` has rows of, by as many steps through its index; and whether they are there still. */
async function heldLists(env: Env, table: string): Promise<HeldList[]> {
  const { results } = await env.DB.prepare(
    `WITH RECURSIVE held (id) AS (
       SELECT min(list_id) FROM ${table}
       UNION ALL SELECT (SELECT min(list_id) FROM ${table} WHERE list_id > held.id) FROM held WHERE held.id IS NOT NULL
     )
     SELECT id, EXISTS (SELECT 1 FROM lists WHERE lists.id = held.id) AS alive FROM held WHERE id IS NOT NULL`,
  ).all<HeldList>();
  return results;
}
