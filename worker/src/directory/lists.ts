/** Lists in D1. */
import type { Identity, PriorityLevel } from "sendergate";
import { listId } from "../ids.ts";

/** The identities that are checked by default. In the order of the engine, as those below. */
export const USUAL_IDENTITIES = ["mail-from", "from", "sender", "resent-from", "resent-sender"] as const satisfies readonly Identity[];
export const IDENTITIES = [...USUAL_IDENTITIES, "display-name"] as const satisfies readonly Identity[];

export interface ListSettings {
  name: string;
  onUnauthorized: "alert" | "block";
  identities: Identity[];
  maxPriority: PriorityLevel;
  stampPriority: boolean;
}

export interface List extends ListSettings {
  id: string;
  /** Milliseconds since 1970. */
  createdAt: number;
  version: number;
}

interface Row {
  id: string;
  name: string;
  on_unauthorized: "alert" | "block";
  identities: string;
  max_priority: PriorityLevel;
  stamp_priority: number;
  created_at: number;
  version: number;
}

const COLUMNS = "id, name, on_unauthorized, identities, max_priority, stamp_priority, created_at, version";

const fromRow = (row: Row): List => ({
  id: row.id,
  name: row.name,
  onUnauthorized: row.on_unauthorized,
  identities: JSON.parse(row.identities) as Identity[],
  maxPriority: row.max_priority,
  stampPriority: row.stamp_priority === 1,
  createdAt: row.created_at,
  version: row.version,
});

const identitiesText = (identities: readonly Identity[]) =>
  JSON.stringify(IDENTITIES.filter((identity) => identities.includes(identity)));

export async function findList(env: Env, id: string): Promise<List | undefined> {
  const row = await env.DB.prepare(`SELECT ${COLUMNS} FROM lists WHERE id = ?`).bind(id).first<Row>();
  return row === null ? undefined : fromRow(row);
}

/** At most `limit` lists after the one that was made at `after[0]` and has the name `after[1]`, oldest first. */
export async function listLists(env: Env, limit: number, after: [number, string] = [0, ""]): Promise<List[]> {
  const { results } = await env.DB
    .prepare(`SELECT ${COLUMNS} FROM lists WHERE (created_at, id) > (?, ?) ORDER BY created_at, id LIMIT ?`)
    .bind(...after, limit)
    .all<Row>();
  return results.map(fromRow);
}

export async function insertList(env: Env, settings: ListSettings): Promise<List> {
  const list: List = { ...settings, id: listId(), createdAt: Date.now(), version: 1 };
  const { name, onUnauthorized, identities, maxPriority, stampPriority } = list;
  await env.DB
    .prepare(`INSERT INTO lists (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, 1)`)
    .bind(list.id, name, onUnauthorized, identitiesText(identities), maxPriority, stampPriority ? 1 : 0, list.createdAt)
    .run();
  return list;
}

/** Replaces version `version` only; `undefined` if another one is stored. */
export async function updateList(env: Env, id: string, version: number, settings: ListSettings): Promise<List | undefined> {
  const { name, onUnauthorized, identities, maxPriority, stampPriority } = settings;
  const row = await env.DB
    .prepare(
      `UPDATE lists SET name = ?, on_unauthorized = ?, identities = ?, max_priority = ?, stamp_priority = ?, version = version + 1
       WHERE id = ? AND version = ? RETURNING ${COLUMNS}`,
    )
    .bind(name, onUnauthorized, identitiesText(identities), maxPriority, stampPriority ? 1 : 0, id, version)
    .first<Row>();
  return row === null ? undefined : fromRow(row);
}

/** Deletes version `version` only, with its users, its settings and the rights of service tokens to it. */
export async function deleteList(env: Env, id: string, version: number): Promise<boolean> {
  const [, deleted] = await env.DB.batch([
    env.DB
      .prepare(
        `UPDATE service_tokens SET lists = (SELECT json_group_array(value) FROM json_each(lists) WHERE value <> ?1)
         WHERE EXISTS (SELECT 1 FROM json_each(lists) WHERE value = ?1)
           AND EXISTS (SELECT 1 FROM lists WHERE id = ?1 AND version = ?2)`,
      )
      .bind(id, version),
    env.DB.prepare("DELETE FROM lists WHERE id = ? AND version = ?").bind(id, version),
  ]);
  return (deleted?.meta.changes ?? 0) > 0;
}
