/** Service tokens, from the memory of the isolate. */
import { waitUntil } from "cloudflare:workers";
import { Fresh } from "../directory/fresh.ts";
import { type KnownToken, noteTokenUse, readTokens } from "../directory/tokens.ts";
import { log } from "../log.ts";
import { Problem } from "../problem.ts";
import { settings } from "../settings.ts";
import type { Peppers } from "./secrets.ts";
import type { ServiceToken } from "./service-token.ts";

const known = new Fresh<KnownToken>(1_000, read);

/** The accuracy of the time of the last use. */
const USE_NOTED_EVERY_MS = 10 * 60_000;
const noted = new Map<string, number>();

/** The service of a token, as the database had it at most FRESHNESS_MS ago. Its secret never changes. */
export async function verifiedToken(env: Env, peppers: Peppers, given: ServiceToken): Promise<KnownToken | undefined> {
  const { value: holder } = await known.get(env, given.id, settings(env).FRESHNESS_MS);
  const { good, stale } = await peppers.proof(given.secret)(holder?.kept);
  if (holder === undefined || !good) return undefined;
  const now = Date.now();
  if (stale || now - (noted.get(holder.id) ?? 0) > USE_NOTED_EVERY_MS) {
    if (noted.size > 1_000) noted.clear();
    noted.set(holder.id, now);
    const made = stale ? await peppers.keep(given.secret) : holder.kept;
    const note = noteTokenUse(env, holder, made, now);
    waitUntil(note.catch((error) => log("warning", "token-use-not-noted", {}, error)));
  }
  return holder;
}

/** Whether the service may ask for users of `listId`. */
export const covers = ({ lists }: KnownToken, listId: string): boolean => lists === "all" || lists.has(listId);

async function read(env: Env, ids: string[]): Promise<Map<string, KnownToken>> {
  try {
    return await readTokens(env, ids);
  } catch (error) {
    log("error", "token-unreadable", {}, error);
    throw new Problem(503, "storage-fault", "the token cannot be looked up at the moment; nothing was accepted, try again", {}, { "retry-after": "5" });
  }
}
