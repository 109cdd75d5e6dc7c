/**
 * Removes bodies that nobody waits for: uploads that were cut off before their acceptance, or whose removal went astray. Once an hour it
 * begins a round through all bodies that are old enough, in steps while the time allows; the next run goes on where this one stopped.
 */
import type { TimeLeft } from "../clock.ts";
import { clockMark, setClockMark } from "../directory/clock.ts";
import { log } from "../log.ts";
import { GIVE_UP_AFTER } from "./schedule.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Bodies looked at in one step. */
const STEP = 250;
/** Outboxes that one run asks: each is a subrequest, of which an invocation has a bounded number. */
const MOST_ASKED = 500;
/** It sorts before every key that begins with it. */
const PREFIX = "bodies/";

/** Where a round is: behind the key `after`. */
interface Mark {
  after: string;
  /** The next round begins then. */
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
    // Keys sort by time: behind a page of young ones there are only younger ones.
    if (!truncated || old.length === 0) {
      Object.assign(mark, { after: PREFIX, from: now + HOUR });
      break;
    }
  }
  await setClockMark(env, "bodies", mark);
  return removed;
}

/** Each body names its outbox, which is asked. One that names none is let lie until no outbox could still hold it. */
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
      // Who cannot be asked keeps everything.
      log("error", "sweep-not-answered", {}, error);
    }
  }
  return orphans;
}
