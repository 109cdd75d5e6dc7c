/** Service tokens as an isolate knows them. */
import { waitUntil } from "cloudflare:workers";
import { settings } from "../settings.ts";
import { Fresh } from "../directory/fresh.ts";
import { Problem } from "../problem.ts";
import type { KeptSecret } from "../directory/kept-secret.ts";
import type { Peppers } from "./secrets.ts";
import type { ServiceToken } from "./service-token.ts";

export interface TokenHolder {
  id: string;
  /** The lists whose users it may ask for. */
  lists: ReadonlySet<string>;
  kept: KeptSecret;
}

const known = new Fresh<TokenHolder | undefined>(1_000);

/** How exactly the time of the last use is kept. */
const USE_NOTED_EVERY_MS = 10 * 60_000;
const noted = new Map<string, number>();

/** The holder of a token that stands in the database, as it was at most FRESHNESS_MS ago. */
export async function verifiedToken(env: Env, peppers: Peppers, given: ServiceToken): Promise<TokenHolder | undefined> {
  const holder = await known.get(given.id, settings(env).FRESHNESS_MS, () => read(env.DB, given.id));
  const { good, stale } = await peppers.verify(given.secret, holder?.kept);
  if (holder === undefined || !good) return undefined;
  const now = Date.now();
  if (stale || now - (noted.get(holder.id) ?? 0) > USE_NOTED_EVERY_MS) {
    if (noted.size > 1_000) noted.clear();
    noted.set(holder.id, now);
    const made = stale ? await peppers.keep(given.secret) : holder.kept;
    const note = env.DB.prepare("UPDATE service_tokens SET last_used_at = ?, mac = ?, pepper_id = ? WHERE id = ? AND mac = ?")
      .bind(now, made.mac, made.pepperId, holder.id, holder.kept.mac)
      .run();
    waitUntil(note.catch((error) => console.error(JSON.stringify({ level: "warning", event: "token-use-not-noted", message: String(error) }))));
  }
  return holder;
}

async function read(db: D1Database, id: string): Promise<TokenHolder | undefined> {
  try {
    const row = await db
      .prepare("SELECT lists, mac, pepper_id FROM service_tokens WHERE id = ?")
      .bind(id)
      .first<{ lists: string; mac: string; pepper_id: string }>();
    if (row === null) return undefined;
    return { id, lists: new Set(JSON.parse(row.lists) as string[]), kept: { mac: row.mac, pepperId: row.pepper_id } };
  } catch (error) {
    console.error(JSON.stringify({ level: "error", event: "token-unreadable", message: String(error) }));
    throw new Problem(503, "storage-fault", "the token cannot be looked up at the moment; nothing was accepted, try again", {}, { "retry-after": "5" });
  }
}
