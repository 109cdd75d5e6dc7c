/**
 * Makes notices from alerts. A new alert makes a notice at once. What it counts later makes one at the end of its hour. A digest has
 * everything of its interval. Besides, a list gets at most five notices an hour at once, then one in a quarter of an hour with
 * everything until then. So many alerts, even of many kinds, never make many notices.
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
/** Lists that one statement finds. */
const LISTS_IN_STEP = 50;

export interface NoticeJob {
  notice: string;
}

/** The channels in `settings`. */
function channels(settings: StoredAlertSettings): Channel[] {
  return [...(settings.webhook === null ? [] : ["webhook" as const]), ...(settings.addresses.length === 0 ? [] : ["mail" as const])];
}

/** Makes the notices of one list that are due, and stores in the same transaction which alerts were told. Returns the ids. */
export async function raiseNotices(env: Env, listId: string, now = Date.now()): Promise<string[]> {
  const settings = await storedAlertSettings(env, listId);
  const wanted = channels(settings);
  // Nobody to notify: who is added later does not hear of these alerts.
  if (wanted.length === 0) {
    await passOverSome(env, listId);
    return [];
  }
  const due = await dueBefore(env, listId, settings.digestMinutes, now);
  if (due === undefined) return [];

  const kind = settings.digestMinutes === 0 ? "alerts" : "digest";
  return makeNotices(env, listId, { channels: wanted, actions: settings.actions, kind, due }, now);
}

/** A test notice for each channel in the settings. */
export async function raiseTestNotices(env: Env, listId: string, now = Date.now()): Promise<{ id: string; channel: Channel }[]> {
  return makeTestNotices(env, listId, channels(await storedAlertSettings(env, listId)), now);
}

/** The notice that may go out now; `undefined` if none may. */
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

/** Makes notices for new alerts of `listIds` after a projection. What fails here, the next cron does. */
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
 * Makes notices for all lists with alerts that were not told, while there is time. The next run continues after the last list.
 *
 * @throws Error after all lists, if one failed.
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
