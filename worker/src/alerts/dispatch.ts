/** Sends notices: those just made by queue, the others by cron. A claim keeps one notice from two senders. */
import { enqueueOwn } from "../outbox/own.ts";
import { alertMail } from "./mail.ts";
import type { Channel, NoticePayload } from "./notices.ts";
import { settings } from "../settings.ts";
import { storedAlertSettings } from "./settings.ts";
import { type Attempt, postWebhook } from "./webhook.ts";

const MINUTE = 60_000;
/** Who claimed a notice and vanished has it taken away after this. */
const CLAIM_MS = 2 * MINUTE;
/** The pauses after each attempt that came to nothing; after the last the notice has failed. A day in all. */
const PAUSES = [1, 5, 15, 60, 180, 360, 720].map((minutes) => minutes * MINUTE);
const AT_A_TIME = 5;
const IN_ONE_RUN = 40;

/** Puts a mail of ours into the outbox. */
export type Enqueue = typeof enqueueOwn;

interface Claimed {
  id: string;
  list_id: string;
  channel: Channel;
  payload: string;
  attempts: number;
}

/** One attempt for the notice `id`, where it is due. */
export async function sendNotice(env: Env, id: string, now = Date.now(), enqueue: Enqueue = enqueueOwn): Promise<Attempt | undefined> {
  const notice = await env.DB.prepare(
    `UPDATE notices SET attempts = attempts + 1, next_at = ?2 + ${CLAIM_MS}
     WHERE id = ?1 AND state = 'waiting' AND next_at <= ?2 RETURNING id, list_id, channel, payload, attempts`,
  )
    .bind(id, now)
    .first<Claimed>();
  if (notice === null) return undefined;
  const attempt = await attemptAt(env, enqueue, notice, now);
  const payload = JSON.parse(notice.payload) as NoticePayload;
  const pause = payload.kind === "test" ? undefined : PAUSES[notice.attempts - 1];
  const state = attempt.outcome === "sent" ? "sent" : attempt.outcome === "again" && pause !== undefined ? "waiting" : "failed";
  await env.DB.prepare("UPDATE notices SET state = ?2, result = ?3, next_at = ?4 WHERE id = ?1")
    .bind(id, state, attempt.result, now + (pause ?? 0))
    .run();
  return attempt;
}

async function attemptAt(env: Env, enqueue: Enqueue, notice: Claimed, now: number): Promise<Attempt> {
  const [stored, list] = await Promise.all([
    storedAlertSettings(env, notice.list_id),
    env.DB.prepare("SELECT name FROM lists WHERE id = ?").bind(notice.list_id).first<{ name: string }>(),
  ]);
  if (list === null) return { outcome: "failed", result: "the list is gone" };
  const payload = JSON.parse(notice.payload) as NoticePayload;
  if (notice.channel === "webhook") {
    if (stored.webhook === null) return { outcome: "failed", result: "no webhook any more" };
    return postWebhook(settings(env), stored.webhook, notice.id, webhookBody(notice, list.name, payload));
  }
  if (stored.addresses.length === 0) return { outcome: "failed", result: "no address any more" };
  const raw = alertMail({ settings: settings(env), id: notice.id, listName: list.name, addresses: stored.addresses, payload, now });
  try {
    // From the null reverse-path, and never judged: it can raise no alert and no report. Asked for twice, it is one mail.
    await enqueue(env, { id: notice.id, listId: notice.list_id, mailFrom: null, recipients: stored.addresses, raw, level: 3 });
    return { outcome: "sent", result: "in the outbox" };
  } catch (error) {
    console.error(JSON.stringify({ level: "error", message: "an alert mail waits", notice: notice.id, cause: String(error) }));
    return { outcome: "again", result: "the outbox did not take it" };
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

/** Whatever is due, the oldest first, a bounded number. */
export async function sendDueNotices(env: Env, now = Date.now(), enqueue: Enqueue = enqueueOwn): Promise<void> {
  const { results } = await env.DB.prepare("SELECT id FROM notices WHERE state = 'waiting' AND next_at <= ? ORDER BY next_at LIMIT ?")
    .bind(now, IN_ONE_RUN)
    .all<{ id: string }>();
  const waiting = results.map(({ id }) => id);
  const worker = async () => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) await sendNotice(env, id, now, enqueue);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
}
