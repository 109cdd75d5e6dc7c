/**
 * Sends notices: those just made by queue, the others by cron. A claim keeps one notice from two senders. A channel (a list's webhook, or
 * its mail) that fails is left alone for growing pauses with all that waits for it, so that it takes no time from the others.
 */
import type { TimeLeft } from "../clock.ts";
import { log } from "../log.ts";
import { enqueueOwn } from "../outbox/own.ts";
import { alertMail } from "./mail.ts";
import type { Channel, NoticePayload } from "./notices.ts";
import { settings } from "../settings.ts";
import { storedAlertSettings } from "./settings.ts";
import { type Attempt, postWebhook } from "./webhook.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Who claimed a notice and vanished has it taken away after this. */
const CLAIM_MS = 2 * MINUTE;
/** The pauses after each attempt that came to nothing; after the last the notice has failed. A day in all. */
const PAUSES = [1, 5, 15, 60, 180, 360, 720].map((minutes) => minutes * MINUTE);
/** The pauses of a channel after each failure in a row; the last is repeated, so that one that is back is found within the hour. */
const CHANNEL_PAUSES = [1, 5, 15, 60].map((minutes) => minutes * MINUTE);
/** Channels that are served at the same time: a webhook that does not answer holds its place for ten seconds. */
const AT_A_TIME = 5;
/** Channels taken up by one statement. */
const IN_ONE_STEP = 20;
/** Notices of one channel in its turn, and those given up in it. */
const IN_ONE_TURN = 5;
const GIVEN_UP_IN_ONE_TURN = 100;

/** Puts a mail of ours into the outbox. */
export type Enqueue = typeof enqueueOwn;

interface Claimed {
  id: string;
  list_id: string;
  channel: Channel;
  payload: string;
  attempts: number;
}

interface Turn {
  list_id: string;
  channel: Channel;
}

const CLAIMED = "id, list_id, channel, payload, attempts";
/** Nobody else takes the notice while this one is tried. */
const CLAIM = `UPDATE notices SET attempts = attempts + 1, next_at = ?1 + ${CLAIM_MS}`;

/** One attempt for the notice `id`, where it is due; `undefined` where it is not, or its channel is left alone. */
export async function sendNotice(env: Env, id: string, now = Date.now(), enqueue: Enqueue = enqueueOwn): Promise<Attempt | undefined> {
  const notice = await env.DB.prepare(
    `${CLAIM} WHERE id = ?2 AND state = 'waiting' AND next_at <= ?1 AND (payload ->> 'kind' = 'test' OR NOT EXISTS (
       SELECT 1 FROM alert_channels AS c WHERE c.list_id = notices.list_id AND c.channel = notices.channel AND failures > 0 AND c.next_at > ?1
     )) RETURNING ${CLAIMED}`,
  )
    .bind(now, id)
    .first<Claimed>();
  return notice === null ? undefined : attempted(env, notice, now, enqueue);
}

/** Tries a notice that is claimed, and writes down how it went and when its channel is due again. */
async function attempted(env: Env, notice: Claimed, now: number, enqueue: Enqueue): Promise<Attempt> {
  const payload = readable(notice);
  const attempt = payload === undefined ? unreadable : await attemptAt(env, enqueue, notice, payload, now);
  const test = payload?.kind === "test";
  const pause = test ? undefined : PAUSES[notice.attempts - 1];
  const state = attempt.outcome === "sent" ? "sent" : attempt.outcome === "again" && pause !== undefined ? "waiting" : "failed";
  const { id, list_id: listId, channel } = notice;
  const written = env.DB.prepare("UPDATE notices SET state = ?2, result = ?3, next_at = ?4 WHERE id = ?1");
  const statements = [written.bind(id, state, attempt.result, now + (pause ?? 0))];
  // A test that fails says nothing of what waits; one that arrives ends the pause.
  if (attempt.outcome === "again" && !test) {
    const rests = CHANNEL_PAUSES.map((rest, failures) => `WHEN ${failures} THEN ${rest}`).join(" ");
    statements.push(
      env.DB.prepare(
        `UPDATE alert_channels SET failures = failures + 1, next_at = ?3 + CASE failures ${rests} ELSE ${CHANNEL_PAUSES.at(-1)} END
         WHERE list_id = ?1 AND channel = ?2`,
      ).bind(listId, channel, now),
    );
  } else if (attempt.outcome !== "again") {
    statements.push(rested(env, listId, channel, now));
  }
  await env.DB.batch(statements);
  return attempt;
}

const unreadable: Attempt = { outcome: "failed", result: "it could not be made" };

function readable({ id, payload }: Claimed): NoticePayload | undefined {
  try {
    return JSON.parse(payload) as NoticePayload;
  } catch (error) {
    log("error", "notice-unreadable", { notice: id }, error);
    return undefined;
  }
}

/** Ends a channel's pause: it is due when the first of its notices is, and behind those that have had no turn yet. */
function rested(env: Env, listId: string, channel: Channel, now: number): D1PreparedStatement {
  return env.DB.prepare(
    `UPDATE alert_channels SET failures = 0,
       next_at = (SELECT max(min(next_at), ?3) FROM notices WHERE list_id = ?1 AND channel = ?2 AND state = 'waiting')
     WHERE list_id = ?1 AND channel = ?2`,
  ).bind(listId, channel, now);
}

async function attemptAt(env: Env, enqueue: Enqueue, notice: Claimed, payload: NoticePayload, now: number): Promise<Attempt> {
  try {
    const [stored, list] = await Promise.all([
      storedAlertSettings(env, notice.list_id),
      env.DB.prepare("SELECT name FROM lists WHERE id = ?").bind(notice.list_id).first<{ name: string }>(),
    ]);
    if (list === null) return { outcome: "failed", result: "the list is gone" };
    if (notice.channel === "webhook") {
      if (stored.webhook === null) return { outcome: "failed", result: "no webhook any more" };
      return await postWebhook(settings(env), stored.webhook, notice.id, webhookBody(notice, list.name, payload));
    }
    if (stored.addresses.length === 0) return { outcome: "failed", result: "no address any more" };
    const raw = alertMail({ settings: settings(env), id: notice.id, listName: list.name, addresses: stored.addresses, payload, now });
    // From the null reverse-path, and never judged: it can raise no alert and no report. Asked for twice, it is one mail.
    await enqueue(env, { id: notice.id, listId: notice.list_id, mailFrom: null, recipients: stored.addresses, raw, level: 3 });
    return { outcome: "sent", result: "in the outbox" };
  } catch (error) {
    // The cause is for the operator: what is kept and shown of it is one of these words.
    log("error", "notice-waits", { notice: notice.id, list: notice.list_id }, error);
    return { outcome: "again", result: notice.channel === "mail" ? "the outbox did not take it" : "it could not be made" };
  }
}

/** What a webhook gets. The same for every attempt but for the headers. */
export function webhookBody(notice: { id: string; list_id: string }, listName: string, { kind, alerts, more }: NoticePayload): string {
  const time = (at: number) => new Date(at).toISOString();
  return JSON.stringify({
    id: notice.id,
    kind,
    list: { id: notice.list_id, name: listName },
    alerts: alerts.map((alert) => ({ ...alert, firstAt: time(alert.firstAt), lastAt: time(alert.lastAt) })),
    more,
  });
}

/**
 * Whatever is due, by channels: first those that work, then those that failed, each time those that wait the longest. Each has a turn of
 * few notices, which ends with the first that fails.
 *
 * @throws Error when the others have had their turns, where one ended in a fault of ours.
 */
export async function sendDueNotices(env: Env, now = Date.now(), timeLeft: TimeLeft = () => true, enqueue: Enqueue = enqueueOwn): Promise<void> {
  let faults = 0;
  const serve = async (turn: Turn) => {
    try {
      if (timeLeft()) await takeTurn(env, turn, now, timeLeft, enqueue);
      else await givenBack(env, turn, now);
    } catch (error) {
      faults += 1;
      log("error", "alert-channel-waits", { list: turn.list_id, channel: turn.channel }, error);
    }
  };
  while (timeLeft()) {
    const working = await dueChannels(env, 0, now);
    const turns = working.length > 0 ? working : await dueChannels(env, 1, now);
    if (turns.length === 0) break;
    const worker = async () => {
      for (let turn = turns.shift(); turn !== undefined; turn = turns.shift()) await serve(turn);
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  }
  if (faults > 0) throw new Error(`${faults} channels of alerts could not be looked after`);
}

/** Those whose turn it is. Whoever takes one and vanishes has it taken away after a while. */
async function dueChannels(env: Env, failing: number, now: number): Promise<Turn[]> {
  const { results } = await env.DB.prepare(
    `UPDATE alert_channels SET next_at = ?1 + ${CLAIM_MS} WHERE (list_id, channel) IN (
       SELECT list_id, channel FROM alert_channels WHERE (failures > 0) = ?2 AND next_at <= ?1 ORDER BY next_at LIMIT ${IN_ONE_STEP}
     ) RETURNING list_id, channel`,
  )
    .bind(now, failing)
    .all<Turn>();
  return results;
}

async function givenBack(env: Env, { list_id: listId, channel }: Turn, now: number): Promise<void> {
  await env.DB.prepare("UPDATE alert_channels SET next_at = ? WHERE list_id = ? AND channel = ?").bind(now, listId, channel).run();
}

async function takeTurn(env: Env, turn: Turn, now: number, timeLeft: TimeLeft, enqueue: Enqueue): Promise<void> {
  const { list_id: listId, channel } = turn;
  const waiting = "SELECT id FROM notices WHERE list_id = ?2 AND channel = ?3 AND state = 'waiting'";
  // A notice that never got a turn of its own in a day has failed like one that was tried for so long.
  await env.DB.prepare(
    `UPDATE notices SET state = 'failed', result = coalesce(result, 'not reached within a day')
     WHERE id IN (${waiting} AND created_at < ?1 LIMIT ${GIVEN_UP_IN_ONE_TURN})`,
  )
    .bind(now - DAY, listId, channel)
    .run();
  // Those tried least often first: one that the other side never takes is no stopper.
  const claim = env.DB.prepare(`${CLAIM} WHERE id IN (${waiting} AND next_at <= ?1 ORDER BY attempts, id LIMIT 1) RETURNING ${CLAIMED}`);
  for (let sent = 0; sent < IN_ONE_TURN && (sent === 0 || timeLeft()); sent += 1) {
    const notice = await claim.bind(now, listId, channel).first<Claimed>();
    if (notice === null) break;
    if ((await attempted(env, notice, now, enqueue)).outcome === "again") return;
  }
  await rested(env, listId, channel, now).run();
}
