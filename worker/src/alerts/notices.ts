/**
 * From alerts to notices. An alert is told when it is new; what it counts afterwards is told when its hour is over; a digest tells
 * whatever was raised in its interval. Besides, a list gets at most five notices an hour at once, and after those one in a quarter of an hour,
 * each with all that was raised until then: no storm, of however many kinds, becomes a storm of notices.
 */
import type { TimeLeft } from "../clock.ts";
import { clockMark, setClockMark } from "../directory/clock.ts";
import { log } from "../log.ts";
import type { Channel } from "../logbook/channels.ts";
import { type Due, makeNotices, makeTestNotices, toldSince } from "../logbook/notices.ts";
import { passOverSome, untoldLists, untoldSince } from "../logbook/untold.ts";
import { type StoredAlertSettings, storedAlertSettings } from "./settings.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const AT_ONCE_IN_AN_HOUR = 5;
const PAUSE_AFTER_THOSE = 15 * MINUTE;
/** Lists looked at by one statement. */
const LISTS_IN_STEP = 50;

export interface NoticeJob {
  notice: string;
}

/** The channels that `settings` name. */
function channels(settings: StoredAlertSettings): Channel[] {
  return [...(settings.webhook === null ? [] : ["webhook" as const]), ...(settings.addresses.length === 0 ? [] : ["mail" as const])];
}

/** Makes what notices of one list are due, in one transaction with the note of what was told. Answers with their ids. */
export async function raiseNotices(env: Env, listId: string, now = Date.now()): Promise<string[]> {
  const settings = await storedAlertSettings(env, listId);
  const wanted = channels(settings);
  // Nobody to tell: what is raised now is not news to whoever is named later.
  if (wanted.length === 0) {
    await passOverSome(env, listId);
    return [];
  }
  const due = await dueBefore(env, listId, settings.digestMinutes, now);
  if (due === undefined) return [];

  const kind = settings.digestMinutes === 0 ? "alerts" : "digest";
  return makeNotices(env, listId, { channels: wanted, actions: settings.actions, kind, due }, now);
}

/** A notice for each channel that the settings name, of nothing but itself. */
export async function raiseTestNotices(env: Env, listId: string, now = Date.now()): Promise<{ id: string; channel: Channel }[]> {
  return makeTestNotices(env, listId, channels(await storedAlertSettings(env, listId)), now);
}

/** What may be told now; `undefined`: nothing. */
async function dueBefore(env: Env, listId: string, digestMinutes: number, now: number): Promise<Due | undefined> {
  if (digestMinutes > 0) {
    const oldest = await untoldSince(env, listId);
    const all = oldest !== undefined && oldest <= now - digestMinutes * MINUTE;
    return all ? { hour: 0, fresh: false, all } : undefined;
  }
  const { times, last } = await toldSince(env, listId, now - HOUR);
  if (times >= AT_ONCE_IN_AN_HOUR && last > now - PAUSE_AFTER_THOSE) return undefined;
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
    const lists = await untoldLists(env, after, LISTS_IN_STEP);
    for (const id of lists) {
      if (!timeLeft()) break;
      after = id;
      try {
        await raiseNotices(env, id, now);
      } catch (error) {
        faults += 1;
        log("error", "alerts-not-told", { list: id }, error);
      }
    }
    more = lists.length === LISTS_IN_STEP;
    if (!more && (lists.length === 0 || after === lists.at(-1))) after = "";
  }
  if (after !== begun) await setClockMark(env, "alerts", { after });
  if (faults > 0) throw new Error(`the alerts of ${faults} lists could not be told`);
}
