/**
 * Sends notices: new ones from the queue, the others from cron. A claim makes sure that only one invocation sends a notice. A channel (a list's
 * webhook, or its mail) that fails gets no notices for growing pauses, so that it takes no time from the others.
 */
import type { TimeLeft } from "../clock.ts";
import { findList } from "../directory/lists.ts";
import { log } from "../log.ts";
import { type ClaimedNotice, type Line, claimNext, claimNotice, endTurn, giveTurnBack, giveUp, noteAttempt, takeTurns } from "../logbook/channels.ts";
import type { NoticePayload } from "../logbook/notices.ts";
import { enqueueOwn } from "../outbox/own.ts";
import { settings } from "../settings.ts";
import { alertMail } from "./mail.ts";
import { storedAlertSettings } from "./settings.ts";
import { type Attempt, postWebhook } from "./webhook.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** The pauses after each failed attempt, a day in all. After the last the notice has failed. */
const PAUSES = [1, 5, 15, 60, 180, 360, 720].map((minutes) => minutes * MINUTE);
/** The pauses of a channel after each failure in a row. The last one repeats, so that a channel that works again is used within the hour. */
const CHANNEL_PAUSES = [1, 5, 15, 60].map((minutes) => minutes * MINUTE);
/** Channels at the same time: a webhook that does not answer takes ten seconds. */
const AT_A_TIME = 5;
/** Channels that one statement finds. */
const IN_ONE_STEP = 20;
/** How many notices of one channel are sent in its turn, and how many are given up. */
const IN_ONE_TURN = 5;
const GIVEN_UP_IN_ONE_TURN = 100;

/** Hands a mail of the gate to the outbox. */
export type Enqueue = typeof enqueueOwn;

/** Makes one attempt for the notice `id`; `undefined` if it is not due, or its channel pauses. */
export async function sendNotice(env: Env, id: string, now = Date.now(), enqueue: Enqueue = enqueueOwn): Promise<Attempt | undefined> {
  const notice = await claimNotice(env, id, now);
  return notice === undefined ? undefined : attempted(env, notice, now, enqueue);
}

/** Sends a claimed notice, and stores the outcome and when its channel is due again. */
async function attempted(env: Env, notice: ClaimedNotice, now: number, enqueue: Enqueue): Promise<Attempt> {
  const payload = readable(notice);
  const attempt = payload === undefined ? unreadable : await attemptAt(env, enqueue, notice, payload, now);
  const test = payload?.kind === "test";
  const pause = test ? undefined : PAUSES[notice.attempts - 1];
  const state = attempt.outcome === "sent" ? "sent" : attempt.outcome === "again" && pause !== undefined ? "waiting" : "failed";
  // A failed test does not delay waiting notices; one that arrives ends the pause.
  const channel = attempt.outcome !== "again" ? "works" : test ? undefined : { rests: CHANNEL_PAUSES };
  await noteAttempt(env, notice, { state, result: attempt.result, nextAt: now + (pause ?? 0), channel }, now);
  return attempt;
}

const unreadable: Attempt = { outcome: "failed", result: "it could not be made" };

function readable({ id, payload }: ClaimedNotice): NoticePayload | undefined {
  try {
    return JSON.parse(payload) as NoticePayload;
  } catch (error) {
    log("error", "notice-unreadable", { notice: id }, error);
    return undefined;
  }
}

async function attemptAt(env: Env, enqueue: Enqueue, notice: ClaimedNotice, payload: NoticePayload, now: number): Promise<Attempt> {
  try {
    const [stored, list] = await Promise.all([
      storedAlertSettings(env, notice.list),
      findList(env, notice.list),
    ]);
    if (list === undefined) return { outcome: "failed", result: "the list is gone" };
    if (notice.channel === "webhook") {
      if (stored.webhook === null) return { outcome: "failed", result: "no webhook any more" };
      return await postWebhook(settings(env), stored.webhook, notice.id, webhookBody(notice, list.name, payload));
    }
    if (stored.addresses.length === 0) return { outcome: "failed", result: "no address any more" };
    const raw = alertMail({ settings: settings(env), id: notice.id, listName: list.name, addresses: stored.addresses, payload, now });
    // With the null reverse-path and without a decision, it raises no alert and no report. Two requests with the same id make one mail.
    await enqueue(env, { id: notice.id, listId: notice.list, mailFrom: null, recipients: stored.addresses, raw, level: 3 });
    return { outcome: "sent", result: "in the outbox" };
  } catch (error) {
    // The cause goes to the operator's log; only one of these words is stored and shown.
    log("error", "notice-waits", { notice: notice.id, list: notice.list }, error);
    return { outcome: "again", result: notice.channel === "mail" ? "the outbox did not take it" : "it could not be made" };
  }
}

/** The body for a webhook. It is the same in every attempt; only the headers differ. */
function webhookBody(notice: { id: string; list: string }, listName: string, { kind, alerts, more }: NoticePayload): string {
  const time = (at: number) => new Date(at).toISOString();
  return JSON.stringify({
    id: notice.id,
    kind,
    list: { id: notice.list, name: listName },
    alerts: alerts.map((alert) => ({ ...alert, firstAt: time(alert.firstAt), lastAt: time(alert.lastAt) })),
    more,
  });
}

/**
 * Sends what is due, by channel: first channels that work, then those that failed, the longest waiting first. Each has a turn of a
 * few notices, which ends with the first failure.
 *
 * @throws Error after all turns, if one ended in an error of the gate.
 */
export async function sendDueNotices(env: Env, now = Date.now(), timeLeft: TimeLeft = () => true, enqueue: Enqueue = enqueueOwn): Promise<void> {
  let faults = 0;
  const serve = async (turn: Line) => {
    try {
      if (timeLeft()) await takeTurn(env, turn, now, timeLeft, enqueue);
      else await giveTurnBack(env, turn, now);
    } catch (error) {
      faults += 1;
      log("error", "alert-channel-waits", { ...turn }, error);
    }
  };
  while (timeLeft()) {
    const working = await takeTurns(env, false, now, IN_ONE_STEP);
    const turns = working.length > 0 ? working : await takeTurns(env, true, now, IN_ONE_STEP);
    if (turns.length === 0) break;
    const worker = async () => {
      for (let turn = turns.shift(); turn !== undefined; turn = turns.shift()) await serve(turn);
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  }
  if (faults > 0) throw new Error(`${faults} channels of alerts could not be looked after`);
}

async function takeTurn(env: Env, turn: Line, now: number, timeLeft: TimeLeft, enqueue: Enqueue): Promise<void> {
  // A notice that got no attempt within a day has failed, as after a day of attempts.
  await giveUp(env, turn, now - DAY, GIVEN_UP_IN_ONE_TURN);
  for (let sent = 0; sent < IN_ONE_TURN && (sent === 0 || timeLeft()); sent += 1) {
    const notice = await claimNext(env, turn, now);
    if (notice === undefined) break;
    if ((await attempted(env, notice, now, enqueue)).outcome === "again") return;
  }
  await endTurn(env, turn, now);
}
