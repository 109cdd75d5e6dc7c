/** Service tokens in D1: who may ask for the users of which lists. */
import type { KeptSecret } from "./kept-secret.ts";

/** `all`: also lists that are made later. */
export type TokenLists = string[] | "all";

export interface StoredToken {
  id: string;
  name: string;
  lists: TokenLists;
  /** Milliseconds since 1970. */
  createdAt: number;
  lastUsedAt?: number;
}

interface Row {
  id: string;
  name: string;
  lists: string;
  all_lists: number;
  created_at: number;
  last_used_at: number | null;
}

const listsOf = (row: Pick<Row, "lists" | "all_lists">): TokenLists => (row.all_lists === 1 ? "all" : (JSON.parse(row.lists) as string[]));

const fromRow = (row: Row): StoredToken => ({
  id: row.id,
  name: row.name,
  lists: listsOf(row),
  createdAt: row.created_at,
  ...(row.last_used_at === null ? {} : { lastUsedAt: row.last_used_at }),
});

const COLUMNS = "id, name, lists, all_lists, created_at, last_used_at";

/** At most `limit` tokens after the one that was made at `after[0]` and has the name `after[1]`, oldest first. */
export async function listTokens(env: Env, limit: number, after: [number, string] = [0, ""]): Promise<StoredToken[]> {
  const { results } = await env.DB
    .prepare(`SELECT ${COLUMNS} FROM service_tokens WHERE (created_at, id) > (?, ?) ORDER BY created_at, id LIMIT ?`)
    .bind(...after, limit)
    .all<Row>();
  return results.map(fromRow);
}

/** `undefined` if one of the lists is missing: then nothing is stored. */
export async function insertToken(
  env: Env,
  token: { id: string; name: string; lists: TokenLists },
  kept: KeptSecret,
): Promise<StoredToken | undefined> {
  const [lists, allLists] = token.lists === "all" ? [[], 1] : [token.lists, 0];
  const row = await env.DB
    .prepare(
      `INSERT INTO service_tokens (id, name, lists, all_lists, mac, pepper_id, created_at)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
       WHERE NOT EXISTS (SELECT 1 FROM json_each(?3) WHERE value NOT IN (SELECT id FROM lists)) RETURNING ${COLUMNS}`,
    )
    .bind(token.id, token.name, JSON.stringify(lists), allLists, kept.mac, kept.pepperId, Date.now())
    .first<Row>();
  return row === null ? undefined : fromRow(row);
}

export async function deleteToken(env: Env, id: string): Promise<boolean> {
  const { meta } = await env.DB.prepare("DELETE FROM service_tokens WHERE id = ?").bind(id).run();
  return meta.changes > 0;
}

/** The part of a token that a login needs. */
export interface KnownToken {
  id: string;
  lists: ReadonlySet<string> | "all";
  kept: KeptSecret;
}

/** The rows of the ids that exist. */
export async function readTokens(env: Env, ids: string[]): Promise<Map<string, KnownToken>> {
  const { results } = await env.DB
    .prepare("SELECT tokens.id, lists, all_lists, mac, pepper_id FROM json_each(?) CROSS JOIN service_tokens AS tokens ON tokens.id = value")
    .bind(JSON.stringify(ids))
    .all<Row & { mac: string; pepper_id: string }>();
  return new Map(
    results.map((row) => {
      const lists = listsOf(row);
      const kept = { mac: row.mac, pepperId: row.pepper_id };
      return [row.id, { id: row.id, lists: lists === "all" ? lists : new Set(lists), kept }];
    }),
  );
}

/** Stores the time of use of a token, and its secret with the pepper in use; does nothing if the secret was stored again or revoked meanwhile. */
export async function noteTokenUse(env: Env, { id, kept }: KnownToken, made: KeptSecret, now: number): Promise<void> {
  await env.DB
    .prepare("UPDATE service_tokens SET last_used_at = ?, mac = ?, pepper_id = ? WHERE id = ? AND mac = ?")
    .bind(now, made.mac, made.pepperId, id, kept.mac)
    .run();
}
