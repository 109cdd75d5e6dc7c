/**
 * The channels of notices, and which is next. A claim makes sure that only one invocation sends a notice. A channel that failed pauses, with
 * all its notices.
 */
import { SETTINGS_STAND } from "./untold.ts";

export type Channel = "webhook" | "mail";

/** A channel of one list. */
export interface Line {
  list: string;
  channel: Channel;
}

export interface ClaimedNotice extends Line {
  id: string;
  payload: string;
  /** With this one. */
  attempts: number;
}

/** A claim ends after this time, if the invocation that has it is gone. */
const CLAIM_MS = 2 * 60_000;
/** Claims a notice, so that no other invocation sends it. */
const CLAIM = `UPDATE notices SET attempts = attempts + 1, next_at = ?1 + ${CLAIM_MS}`;
const CLAIMED = "id, list_id AS list, channel, payload, attempts";
const WAITING = "SELECT id FROM notices WHERE list_id = ?2 AND channel = ?3 AND state = 'waiting'";

/** Registers a channel that has waiting notices; one that failed keeps its pause. */
export function theirTurn(env: Env, { list, channel }: Line, now: number): D1PreparedStatement {
  return env.DB.prepare(
    `INSERT INTO alert_channels (list_id, channel, next_at) SELECT ?1, ?2, ?3
     WHERE EXISTS (SELECT 1 FROM notices WHERE list_id = ?1 AND channel = ?2 AND state = 'waiting')
     ON CONFLICT DO UPDATE SET next_at = iif(failures > 0, coalesce(next_at, ?3), min(coalesce(next_at, ?3), ?3))`,
  ).bind(list, channel, now);
}

/** The notice `id`; `undefined` if it is not due, or its channel pauses. */
export async function claimNotice(env: Env, id: string, now: number): Promise<ClaimedNotice | undefined> {
  const notice = await env.DB.prepare(
    `${CLAIM} WHERE id = ?2 AND state = 'waiting' AND next_at <= ?1 AND (payload ->> 'kind' = 'test' OR NOT EXISTS (
       SELECT 1 FROM alert_channels AS c WHERE c.list_id = notices.list_id AND c.channel = notices.channel AND failures > 0 AND c.next_at > ?1
     )) RETURNING ${CLAIMED}`,
  )
    .bind(now, id)
    .first<ClaimedNotice>();
  return notice ?? undefined;
}

/** The next notice that is due, those with the fewest attempts first, so that one that always fails does not hold up the others. */
export async function claimNext(env: Env, { list, channel }: Line, now: number): Promise<ClaimedNotice | undefined> {
  const notice = await env.DB.prepare(`${CLAIM} WHERE id IN (${WAITING} AND next_at <= ?1 ORDER BY attempts, id LIMIT 1) RETURNING ${CLAIMED}`)
    .bind(now, list, channel)
    .first<ClaimedNotice>();
  return notice ?? undefined;
}

export interface Tried {
  state: "waiting" | "sent" | "failed";
  result: string;
  nextAt: number;
  /** The effect on the channel: a pause, which grows with each failure; the end of its pause; or none. */
  channel: { rests: readonly number[] } | "works" | undefined;
}

/** Stores the outcome of an attempt, and when its channel is due again. */
export async function noteAttempt(env: Env, notice: ClaimedNotice, { state, result, nextAt, channel }: Tried, now: number): Promise<void> {
  const written = env.DB.prepare("UPDATE notices SET state = ?2, result = ?3, next_at = ?4 WHERE id = ?1").bind(notice.id, state, result, nextAt);
  const further = channel === undefined ? [] : [channel === "works" ? rested(env, notice, now) : resting(env, notice, channel.rests, now)];
  await env.DB.batch([written, ...further]);
}

/** Counts another failure in a row; the last pause repeats. */
function resting(env: Env, { list, channel }: Line, rests: readonly number[], now: number): D1PreparedStatement {
  return env.DB.prepare(
    `UPDATE alert_channels SET failures = failures + 1, next_at = ?3 + (?4 ->> min(failures, json_array_length(?4) - 1))
     WHERE list_id = ?1 AND channel = ?2`,
  ).bind(list, channel, now, JSON.stringify(rests));
}

/** Ends a channel's pause: it is due when its first notice is, after channels that had no turn yet. */
function rested(env: Env, { list, channel }: Line, now: number): D1PreparedStatement {
  return env.DB.prepare(
    `UPDATE alert_channels SET failures = 0,
       next_at = (SELECT max(min(next_at), ?3) FROM notices WHERE list_id = ?1 AND channel = ?2 AND state = 'waiting')
     WHERE list_id = ?1 AND channel = ?2`,
  ).bind(list, channel, now);
}

export async function endTurn(env: Env, line: Line, now: number): Promise<void> {
  await rested(env, line, now).run();
}

/** Claims at most `most` channels that are due, either those that failed or the others. A claim ends by itself after some time. */
export async function takeTurns(env: Env, failing: boolean, now: number, most: number): Promise<Line[]> {
  const { results } = await env.DB.prepare(
    `UPDATE alert_channels SET next_at = ?1 + ${CLAIM_MS} WHERE (list_id, channel) IN (
       SELECT list_id, channel FROM alert_channels WHERE (failures > 0) = ?2 AND next_at <= ?1 ORDER BY next_at LIMIT ?3
     ) RETURNING list_id AS list, channel`,
  )
    .bind(now, failing ? 1 : 0, most)
    .all<Line>();
  return results;
}

export async function giveTurnBack(env: Env, { list, channel }: Line, now: number): Promise<void> {
  await env.DB.prepare("UPDATE alert_channels SET next_at = ? WHERE list_id = ? AND channel = ?").bind(now, list, channel).run();
}

/** Gives up at most `most` notices that were made before `before`. */
export async function giveUp(env: Env, { list, channel }: Line, before: number, most: number): Promise<void> {
  await env.DB.prepare(
    `UPDATE notices SET state = 'failed', result = coalesce(result, 'not reached within a day')
     WHERE id IN (${WAITING} AND created_at < ?1 LIMIT ?4)`,
  )
    .bind(before, list, channel, most)
    .run();
}

/** Ends the pauses of channels with a new target. Does nothing if `version` of the settings is not the stored one. */
export const tryingAgain = (env: Env, list: string, version: number): D1PreparedStatement =>
  env.DB.prepare(`UPDATE alert_channels SET failures = 0, next_at = iif(next_at IS NULL, NULL, 0) WHERE list_id = ?1 AND ${SETTINGS_STAND}`).bind(list, version);
