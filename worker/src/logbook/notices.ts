/** Makes notices about alerts, and reads earlier ones. */
import { messageId } from "../ids.ts";
import { type Channel, theirTurn } from "./channels.ts";
import { MOST_ALERTS, passOver } from "./untold.ts";

/** Alerts that one notice names; the rest are a number. */
const NAMED_IN_NOTICE = 50;

/** One alert in a notice. */
export interface ToldAlert {
  id: string;
  action: "send-and-alert" | "block";
  verdict: string;
  reason: string;
  user: string;
  /** The domain of the deciding address, or the name of its identity; `…` if there were too many. */
  place: string;
  summary: string;
  /** Messages in this hour so far, and how many of them are new since the last notice. */
  count: number;
  newCount: number;
  firstAt: number;
  lastAt: number;
  lastMessage: string;
}

export interface NoticePayload {
  kind: "alerts" | "digest" | "test";
  alerts: ToldAlert[];
  /** The number of alerts that are not named. */
  more: number;
}

/** Which alerts are due. */
export interface Due {
  /** Alerts whose hour started before this time. */
  hour: number;
  /** Whether new alerts are due. */
  fresh: boolean;
  all: boolean;
}

export interface Telling {
  channels: readonly Channel[];
  /** Alerts of other actions are skipped. */
  actions: readonly string[];
  kind: NoticePayload["kind"];
  due: Due;
}

/** If something is due, makes a notice for each channel, and stores in the same transaction what was told. Returns the ids. */
export async function makeNotices(env: Env, list: string, { channels, actions, kind, due }: Telling, now: number): Promise<string[]> {
  // ?1 list, ?2 hours that began before are over, ?3 whether a new alert is due, ?4 old enough for a digest
  const every = `list_id = ?1 AND told < count AND (hour < ?2 OR (told = 0 AND ?3) OR ?4)`;
  const selected = `${every} AND id <= coalesce((SELECT id FROM alerts WHERE ${every} ORDER BY id LIMIT 1 OFFSET ${MOST_ALERTS - 1}), '~')`;
  const bound = [list, due.hour, due.fresh ? 1 : 0, due.all ? 1 : 0];
  const inserts = channels.map((channel) =>
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
  const turns = channels.map((channel) => theirTurn(env, { list, channel }, now));
  const results = await env.DB.batch<{ id: string }>([passOver(env, list, actions), ...inserts, tell, ...turns]);
  return results.slice(1, 1 + channels.length).flatMap(({ results: rows }) => rows.map(({ id }) => id));
}

/** Makes a test notice for each channel. */
export async function makeTestNotices(env: Env, list: string, channels: readonly Channel[], now: number): Promise<{ id: string; channel: Channel }[]> {
  const notices = channels.map((channel) => ({ id: messageId(now), channel }));
  const payload: NoticePayload = { kind: "test", alerts: [], more: 0 };
  const insert = env.DB.prepare("INSERT INTO notices (id, list_id, channel, payload, created_at, next_at) VALUES (?, ?, ?, ?, ?, ?)");
  const statements = notices.map(({ id, channel }) => insert.bind(id, list, channel, JSON.stringify(payload), now, now));
  statements.push(...channels.map((channel) => theirTurn(env, { list, channel }, now)));
  if (statements.length > 0) await env.DB.batch(statements);
  return notices;
}

/** The number of notices since `since`, and the time of the last. Tests do not count. */
export async function toldSince(env: Env, list: string, since: number): Promise<{ times: number; last: number }> {
  // Each channel has a notice of its own, so it counts different times.
  const told = await env.DB.prepare(
    `SELECT count(DISTINCT created_at) AS times, max(created_at) AS last FROM notices
     WHERE list_id = ? AND created_at > ? AND payload ->> 'kind' <> 'test'`,
  )
    .bind(list, since)
    .first<{ times: number; last: number | null }>();
  return { times: told?.times ?? 0, last: told?.last ?? 0 };
}

export interface LastNotice {
  channel: Channel;
  at: number;
  state: "waiting" | "sent" | "failed";
  result: string | null;
}

/** The last notice of each channel, and its outcome. */
export async function lastNotices(env: Env, list: string): Promise<LastNotice[]> {
  const { results } = await env.DB.prepare(
    `SELECT channel, max(created_at) AS at, state, result FROM notices WHERE list_id = ? GROUP BY channel ORDER BY channel DESC`,
  )
    .bind(list)
    .all<LastNotice>();
  return results;
}
