/** Removes bodies that nobody waits for: uploads that were cut off before their acceptance, or whose removal went astray. */
import { GIVE_UP_AFTER } from "./schedule.ts";

const DAY = 24 * 3_600_000;
/** Pages of a thousand in one run; the next run goes on. */
const MOST_PAGES = 20;

/** Returns how many it removed. */
export async function sweepBodies(env: Env, now = Date.now()): Promise<number> {
  let removed = 0;
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    // Not in the types, which are those of the oldest compatibility date.
    const options: R2ListOptions & { include: string[] } = { prefix: "bodies/", include: ["customMetadata"] };
    const listed = await env.BODIES.list(cursor === undefined ? options : { ...options, cursor });
    const old = listed.objects.filter(({ uploaded }) => uploaded.getTime() < now - DAY);
    const orphans = await withoutOwner(env, old, now);
    if (orphans.length > 0) await env.BODIES.delete(orphans);
    removed += orphans.length;
    // Keys sort by time: behind a page of young ones there are only younger ones.
    if (!listed.truncated || old.length === 0) break;
    ({ cursor } = listed);
  }
  return removed;
}

/** Each body names its outbox, which is asked. One that names none is let lie until no outbox could still hold it. */
async function withoutOwner(env: Env, bodies: R2Object[], now: number): Promise<string[]> {
  const orphans = bodies
    .filter(({ customMetadata, uploaded }) => customMetadata?.["outbox"] === undefined && uploaded.getTime() < now - GIVE_UP_AFTER - DAY)
    .map(({ key }) => key);
  const byOutbox = Map.groupBy(bodies, ({ customMetadata }) => customMetadata?.["outbox"]);
  for (const [outbox, theirs] of byOutbox) {
    if (outbox === undefined) continue;
    try {
      const ids = theirs.map(({ key }) => key.slice("bodies/".length));
      const held = new Set(await env.OUTBOX.get(env.OUTBOX.idFromString(outbox)).holds(ids));
      orphans.push(...ids.filter((id) => !held.has(id)).map((id) => `bodies/${id}`));
    } catch (error) {
      // Who cannot be asked keeps everything.
      console.error(JSON.stringify({ level: "error", event: "sweep-not-answered", message: String(error) }));
    }
  }
  return orphans;
}
