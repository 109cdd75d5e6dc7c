/**
 * Removes bodies without a message: from uploads that broke off before their acceptance, and from removals that failed. Once an hour it
 * starts a round through all bodies that are old enough, in steps while there is time; the next run continues where this one stopped.
 */
import type { TimeLeft } from "../clock.ts";
import { clockMark, setClockMark } from "../directory/clock.ts";
import { log } from "../log.ts";
import { GIVE_UP_AFTER } from "./schedule.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Bodies in one step. */
const STEP = 250;
/** Outboxes that one run asks: each takes a subrequest, which are limited. */
const MOST_ASKED = 500;
/** The prefix of the keys; it sorts before all of them. */
const PREFIX = "bodies/";

/** The progress of a round: after the key `after`. */
interface Mark {
  after: string;
  /** When the next round starts. */
  from: number;
}

/** Returns how many it removed. */
export async function sweepBodies(env: Env, now = Date.now(), timeLeft: TimeLeft = () => true): Promise<number> {
  const mark: Mark = (await clockMark<Mark>(env, "bodies")) ?? { after: PREFIX, from: 0 };
  if (now < mark.from) return 0;
  let removed = 0;
  let asked = 0;
  while (timeLeft() && asked + STEP <= MOST_ASKED) {
    // `include` is not in the types, which are those of the oldest compatibility date.
    const options: R2ListOptions & { include: string[] } = { prefix: PREFIX, startAfter: mark.after, limit: STEP, include: ["customMetadata"] };
    const { objects, truncated } = await env.BODIES.list(options);
    const old = objects.filter(({ uploaded }) => uploaded.getTime() < now - DAY);
    const outboxes = Map.groupBy(old, ({ customMetadata }) => customMetadata?.["outbox"]);
    asked += outboxes.size;
    const orphans = await withoutOwner(env, outboxes, now);
    if (orphans.length > 0) await env.BODIES.delete(orphans);
    removed += orphans.length;
    mark.after = objects.at(-1)?.key ?? mark.after;
    // Keys sort by time: after a page of young bodies there are only younger ones.
    if (!truncated || old.length === 0) {
      Object.assign(mark, { after: PREFIX, from: now + HOUR });
      break;
    }
  }
  await setClockMark(env, "bodies", mark);
  return removed;
}

/** Asks the outbox that a body names. A body without that stays until no outbox can still need it. */
async function withoutOwner(env: Env, byOutbox: Map<string | undefined, R2Object[]>, now: number): Promise<string[]> {
  const nameless = byOutbox.get(undefined) ?? [];
  const orphans = nameless.filter(({ uploaded }) => uploaded.getTime() < now - GIVE_UP_AFTER - DAY).map(({ key }) => key);
  for (const [outbox, theirs] of byOutbox) {
    if (outbox === undefined) continue;
    try {
      const ids = theirs.map(({ key }) => key.slice(PREFIX.length));
      const held = new Set(await env.OUTBOX.get(env.OUTBOX.idFromString(outbox)).holds(ids));
      orphans.push(...ids.filter((id) => !held.has(id)).map((id) => `bodies/${id}`));
    } catch (error) {
      // If an outbox does not answer, its bodies stay.
      log("error", "sweep-not-answered", {}, error);
    }
  }
  return orphans;
}
