/**
 * Removes what is older than RETENTION_DAYS from the log and the Alert Center, and what deleted lists left. Statistics stay.
 * It goes through the tables list by list, in small steps while there is time; the next run continues where this one stopped.
 */
import type { TimeLeft } from "../clock.ts";
import { clockMark, setClockMark } from "../directory/clock.ts";
import { timePrefix } from "../ids.ts";
import { settings } from "../settings.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Rows that one statement deletes; D1 stops a statement that runs too long. */
const STEP = 500;
/** Steps in one list before the next list. */
const STEPS_IN_LIST = 20;
/** Lists that one statement finds. */
const LISTS_IN_STEP = 50;
/** The pause after a round that left nothing old. */
const REST = HOUR;

/** Their rows are found by a key that begins with the list and sorts by time. */
const TABLES = [
  { table: "messages", key: "id", cutoff: timePrefix },
  { table: "deliveries", key: "message_id", cutoff: timePrefix },
  { table: "alerts", key: "id", cutoff: timePrefix },
  { table: "notices", key: "created_at", cutoff: (at: number) => at },
  { table: "statistics", key: "day", cutoff: () => undefined },
] as const;

/** The progress of a round: after the key `after` in the table number `table`. */
interface Mark {
  table: number;
  after: string;
  /** Whether this round left old rows. */
  left: boolean;
  /** When the next round starts. */
  from: number;
}

interface HeldList {
  id: string;
  alive: number;
}

/** Sorts after every key of these tables, even numbers. */
const END = "~";

/** @returns how many rows it deleted. */
export async function prune(env: Env, now = Date.now(), timeLeft: TimeLeft = () => true): Promise<number> {
  const before = now - settings(env).RETENTION_DAYS * DAY;
  const mark: Mark = (await clockMark<Mark>(env, "pruning")) ?? { table: 0, after: "", left: false, from: 0 };
  if (now < mark.from) return 0;
  let gone = 0;
  while (timeLeft()) {
    const { [mark.table]: place } = TABLES;
    if (place === undefined) {
      Object.assign(mark, { table: 0, after: "", left: false, from: mark.left ? now : now + REST });
      if (mark.from > now) break;
      continue;
    }
    const lists = await heldLists(env, place.table, mark.after);
    for (const { id, alive } of lists) {
      if (!timeLeft()) break;
      const end = alive === 0 ? END : place.cutoff(before);
      if (end !== undefined) {
        const { rows, left } = await pruneList(env, place, id, end, timeLeft);
        gone += rows;
        mark.left ||= left;
      }
      mark.after = id;
    }
    if (lists.length < LISTS_IN_STEP && (lists.length === 0 || mark.after === lists.at(-1)?.id)) {
      Object.assign(mark, { table: mark.table + 1, after: "" });
    }
  }
  await setClockMark(env, "pruning", mark);
  return gone;
}

/** Deletes the oldest rows of one list in steps. */
async function pruneList(
  env: Env,
  { table, key }: (typeof TABLES)[number],
  listId: string,
  end: string | number,
  timeLeft: TimeLeft,
): Promise<{ rows: number; left: boolean }> {
  // One upper bound only: with two, the database would read up to the larger one.
  const old = `FROM ${table} WHERE list_id = ?1 AND ${key} < ?2`;
  const step = env.DB.prepare(
    `DELETE FROM ${table} WHERE list_id = ?1 AND ${key} <= coalesce(
       (SELECT ${key} ${old} ORDER BY ${key} LIMIT 1 OFFSET ${STEP - 1}), (SELECT max(${key}) ${old}))`,
  );
  let rows = 0;
  for (let steps = 0; steps < STEPS_IN_LIST && (steps === 0 || timeLeft()); steps += 1) {
    const { changes } = (await step.bind(listId, end).run()).meta;
    rows += changes;
    if (changes < STEP) return { rows, left: false };
  }
  return { rows, left: true };
}

/** The next lists with rows in `table`, one step through its index for each; and whether the lists still exist. */
async function heldLists(env: Env, table: string, after: string): Promise<HeldList[]> {
  const { results } = await env.DB.prepare(
    `WITH RECURSIVE held (id, n) AS (
       SELECT (SELECT min(list_id) FROM ${table} WHERE list_id > ?1), 1
       UNION ALL SELECT (SELECT min(list_id) FROM ${table} WHERE list_id > held.id), n + 1 FROM held WHERE held.id IS NOT NULL AND n < ${LISTS_IN_STEP}
     )
     SELECT id, EXISTS (SELECT 1 FROM lists WHERE lists.id = held.id) AS alive FROM held WHERE id IS NOT NULL`,
  )
    .bind(after)
    .all<HeldList>();
  return results;
}
