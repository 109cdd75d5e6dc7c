/** Service tokens in D1: who may ask for the users of which lists. */
import type { KeptSecret } from "./kept-secret.ts";

export interface StoredToken {
  id: string;
  name: string;
  lists: string[];
  /** Milliseconds since 1970. */
  createdAt: number;
  lastUsedAt?: number;
}

interface Row {
  id: string;
  name: string;
  lists: string;
  created_at: number;
  last_used_at: number | null;
}

const fromRow = (row: Row): StoredToken => ({
  id: row.id,
  name: row.name,
  lists: JSON.parse(row.lists) as string[],
  createdAt: row.created_at,
  ...(row.last_used_at === null ? {} : { lastUsedAt: row.last_used_at }),
});

const COLUMNS = "id, name, lists, created_at, last_used_at";

/** At most `limit` after the one made at `after[0]` and called `after[1]`, the oldest first. */
export async function listTokens(db: D1Database, limit: number, after: [number, string] = [0, ""]): Promise<StoredToken[]> {
  const { results } = await db
    .prepare(`SELECT ${COLUMNS} FROM service_tokens WHERE (created_at, id) > (?, ?) ORDER BY created_at, id LIMIT ?`)
    .bind(...after, limit)
    .all<Row>();
  return results.map(fromRow);
}

/** `undefined` where one of the lists is not there: then nothing is stored. */
export async function insertToken(
  db: D1Database,
  token: { id: string; name: string; lists: string[] },
  kept: KeptSecret,
): Promise<StoredToken | undefined> {
  const row = await db
    .prepare(
      `INSERT INTO service_tokens (id, name, lists, mac, pepper_id, created_at)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6
       WHERE NOT EXISTS (SELECT 1 FROM json_each(?3) WHERE value NOT IN (SELECT id FROM lists)) RETURNING ${COLUMNS}`,
    )
    .bind(token.id, token.name, JSON.stringify(token.lists), kept.mac, kept.pepperId, Date.now())
    .first<Row>();
  return row === null ? undefined : fromRow(row);
}

export async function deleteToken(db: D1Database, id: string): Promise<boolean> {
  const { meta } = await db.prepare("DELETE FROM service_tokens WHERE id = ?").bind(id).run();
  return meta.changes > 0;
}
