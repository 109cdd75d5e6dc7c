/**
 * From alerts to notices. An alert is told when it is new; what it counts afterwards is told when its hour is over; a digest tells
 * whatever was raised in its interval. Besides, a list gets at most five notices an hour at once, and after those one in a quarter of an hour,
 * each with all that was raised until then: no storm, of however many kinds, becomes a storm of notices.
 */
import { type TimeLeft, clockMark, setClockMark } from "../clock.ts";
import { messageId } from "../ids.ts";
import { log } from "../log.ts";
import { type StoredAlertSettings, storedAlertSettings } from "./settings.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const AT_ONCE_IN_AN_HOUR = 5;
const PAUSE_AFTER_THOSE = 15 * MINUTE;
/** Alerts that one notice names; the rest are a number. */
export const NAMED_IN_NOTICE = 50;
/** Alerts that one notice is about; what is beyond is for the next. */
const ALERTS_IN_NOTICE = 5_000;
/** Lists looked at by one statement. */
const LISTS_IN_STEP = 50;

/** What a notice says of one alert. */
export interface ToldAlert {
  id: string;
  action: "send-and-alert" | "block";
  verdict: string;
  reason: string;
  user: string;
  /** The domain of the address that decided, or the name of its identity; `…` where there were too many. */
  place: string;
  summary: string;
  /** Messages in this hour so far, and how many of them no notice has told of before. */
  count: number;
  newCount: number;
  firstAt: number;
  lastAt: number;
  lastMessage: string;
}

export interface NoticePayload {
  kind: "alerts" | "digest" | "test";
  alerts: ToldAlert[];
  /** Alerts beyond those named. */
  more: number;
}

export type Channel = "webhook" | "mail";
export interface NoticeJob {
  notice: string;
}

/** The channels that `settings` name. */
export function channels(settings: StoredAlertSettings): Channel[] {
  return [...(settings.webhook === null ? [] : ["webhook" as const]), ...(settings.addresses.length === 0 ? [] : ["mail" as const])];
}

/** Makes what notices of one list are due, in one transaction with the note of what was told. Answers with their ids. */
export async function raiseNotices(env: Env, listId: string, now = Date.now()): Promise<string[]> {
  const settings = await storedAlertSettings(env, listId);
  const wanted = channels(settings);
  const silence = env.DB.prepare(
    `UPDATE alerts SET told = count WHERE list_id = ?1 AND id IN (
       SELECT id FROM alerts WHERE list_id = ?1 AND told < count AND action NOT IN (SELECT value FROM json_each(?2)) LIMIT ${ALERTS_IN_NOTICE}
     )`,
  );
  // Nobody to tell: what is raised now is not news to whoever is named later.
  if (wanted.length === 0) {
    await silence.bind(listId, "[]").run();
    return [];
  }
  const due = await dueBefore(env, listId, settings.digestMinutes, now);
  if (due === undefined) return [];

  const kind: NoticePayload["kind"] = settings.digestMinutes === 0 ? "alerts" : "digest";
  // ?1 list, ?2 hours that began before are over, ?3 whether a new alert is due, ?4 old enough for a digest
  const every = `list_id = ?1 AND told < count AND (hour < ?2 OR (told = 0 AND ?3) OR ?4)`;
  const selected = `${every} AND id <= coalesce((SELECT id FROM alerts WHERE ${every} ORDER BY id LIMIT 1 OFFSET ${ALERTS_IN_NOTICE - 1}), '~')`;
  const bound = [listId, due.hour, due.fresh ? 1 : 0, due.all ? 1 : 0];
  const inserts = wanted.map((channel) =>
    env.DB.prepare(
      `WITH due AS (SELECT * FROM alerts WHERE ${selected} ORDER BY count - told DESC, id LIMIT ${NAMED_IN_NOTICE})
       INSERT INTO notices (id, list_id, channel, payload, created_at, next_at)
       SELECT ?5, ?1, ?6, json_object('kind', ?7, 'alerts', json_group_array(json_object(
           'id', id, 'action', action, 'verdict', verdict, 'reason', reason, 'user', username, 'place', place, 'summary', summary,
           'count', count, 'newCount', count - told, 'firstAt', first_at, 'lastAt', last_at, 'lastMessage', last_message_id
         )), 'more', (SELECT count(*) FROM alerts WHERE ${selected}) - count(*)), ?8, ?8
       FROM due HAVING count(*) > 0 RETURNING id`,
    ).bind(...bound, messageId(now), channel, kind, now),
  );
  const tell = env.DB.prepare(`UPDATE alerts SET told = count, told_at = ?5 WHERE ${selected}`).bind(...bound, now);
  const first = silence.bind(listId, JSON.stringify(settings.actions));
  const results = await env.DB.batch<{ id: string }>([first, ...inserts, tell, ...wanted.map((channel) => theirTurn(env, listId, channel, now))]);
  return results.slice(1, 1 + wanted.length).flatMap(({ results: rows }) => rows.map(({ id }) => id));
}

/** Has `channel` looked after, where something waits for it; one that failed keeps its pause. */
function theirTurn(env: Env, listId: string, channel: Channel, now: number): D1PreparedStatement {
  return env.DB.prepare(
    `INSERT INTO alert_channels (list_id, channel, next_at) SELECT ?1, ?2, ?3
     WHERE EXISTS (SELECT 1 FROM notices WHERE list_id = ?1 AND channel = ?2 AND state = 'waiting')
     ON CONFLICT DO UPDATE SET next_at = iif(failures > 0, coalesce(next_at, ?3), min(coalesce(next_at, ?3), ?3))`,
  ).bind(listId, channel, now);
}

/** A notice for each channel that the settings name, of nothing but itself. */
export async function raiseTestNotices(env: Env, listId: string, now = Date.now()): Promise<{ id: string; channel: Channel }[]> {
  const notices = channels(await storedAlertSettings(env, listId)).map((channel) => ({ id: messageId(now), channel }));
  const payload: NoticePayload = { kind: "test", alerts: [], more: 0 };
  const insert = env.DB.prepare("INSERT INTO notices (id, list_id, channel, payload, created_at, next_at) VALUES (?, ?, ?, ?, ?, ?)");
  const statements = notices.map(({ id, channel }) => insert.bind(id, listId, channel, JSON.stringify(payload), now, now));
  statements.push(...notices.map(({ channel }) => theirTurn(env, listId, channel, now)));
  if (statements.length > 0) await env.DB.batch(statements);
  return notices;
}

/** What may be told now; `undefined`: nothing. */
async function dueBefore(
  env: Env,
  listId: string,
  digestMinutes: number,
  now: number,
): Promise<{ hour: number; fresh: boolean; all: boolean } | undefined> {
  if (digestMinutes > 0) {
    // Ids sort by time: the first is the oldest, and nothing but it is read.
    const oldest = await env.DB.prepare("SELECT coalesce(told_at, first_at) AS at FROM alerts WHERE list_id = ? AND told < count ORDER BY id LIMIT 1")
      .bind(listId)
      .first<number>("at");
    const all = oldest !== null && oldest <= now - digestMinutes * MINUTE;
    return all ? { hour: 0, fresh: false, all } : undefined;
  }
  // Each channel has a notice of its own: what is counted is moments.
  const recent = await env.DB.prepare(
    `SELECT count(DISTINCT created_at) AS notices, max(created_at) AS last FROM notices
     WHERE list_id = ? AND created_at > ? AND payload ->> 'kind' <> 'test'`,
  )
    .bind(listId, now - HOUR)
    .first<{ notices: number; last: number | null }>();
  if ((recent?.notices ?? 0) >= AT_ONCE_IN_AN_HOUR && (recent?.last ?? 0) > now - PAUSE_AFTER_THOSE) return undefined;
  return { hour: now - (now % HOUR), fresh: true, all: false };
}

/** After a projection: tells what is new of `listIds`. What fails here is done by the next cron. */
export async function tellNow(env: Env, listIds: Iterable<string>, now = Date.now()): Promise<void> {
  for (const listId of new Set(listIds)) {
    try {
      const ids = await raiseNotices(env, listId, now);
      if (ids.length > 0) await env.NOTICES.sendBatch(ids.map((notice) => ({ body: { notice } })));
    } catch (error) {
      log("error", "notices-wait", {}, error);
    }
  }
}

/** The next lists with something untold: as many steps through the index as there are lists, however many alerts they have. */
const UNTOLD = `
WITH RECURSIVE untold (id, n) AS (
  SELECT (SELECT list_id FROM alerts WHERE told < count AND list_id > ?1 ORDER BY list_id LIMIT 1), 1
  UNION ALL
  SELECT (SELECT list_id FROM alerts WHERE told < count AND list_id > untold.id ORDER BY list_id LIMIT 1), n + 1
  FROM untold WHERE id IS NOT NULL AND n < ${LISTS_IN_STEP}
)
SELECT id FROM untold WHERE id IS NOT NULL`;

/**
 * Looks at every list with something untold, as many as the time allows; the next run goes on behind the last of them.
 *
 * @throws Error when the others have been looked at, where one could not be.
 */
export async function raiseAllNotices(env: Env, now = Date.now(), timeLeft: TimeLeft = () => true): Promise<void> {
  let faults = 0;
  const begun = (await clockMark<{ after: string }>(env, "alerts"))?.after ?? "";
  let after = begun;
  for (let more = true; more && timeLeft(); ) {
    const { results } = await env.DB.prepare(UNTOLD).bind(after).all<{ id: string }>();
    for (const { id } of results) {
      if (!timeLeft()) break;
      after = id;
      try {
        await raiseNotices(env, id, now);
      } catch (error) {
        faults += 1;
        log("error", "alerts-not-told", { list: id }, error);
      }
    }
    more = results.length === LISTS_IN_STEP;
    if (!more && (results.length === 0 || after === results.at(-1)?.id)) after = "";
  }
  if (after !== begun) await setClockMark(env, "alerts", { after });
  if (faults > 0) throw new Error(`the alerts of ${faults} lists could not be told`);
}
