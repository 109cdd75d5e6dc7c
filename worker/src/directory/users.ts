/** SMTP+ users in D1. */
import type { PriorityLevel, User } from "sendergate";
import type { KeptSecret } from "./kept-secret.ts";
import { username } from "../ids.ts";
import { Problem } from "../problem.ts";
import { settings } from "../settings.ts";

/** The fields of the form; the lists are canonical. */
export type UserFields = Pick<User, "active" | "priority" | "note" | "domains" | "senders">;

export interface UserSummary {
  username: string;
  active: boolean;
  priority: PriorityLevel;
  note: string;
  /** Entries of the two lists. */
  domainCount: number;
  senderCount: number;
  /** Times in milliseconds since 1970. */
  createdAt: number;
  updatedAt: number;
  lastMessageAt?: number;
  version: number;
}

export interface StoredUser extends UserSummary, UserFields {}

export interface SummaryRow {
  username: string;
  active: number;
  priority: PriorityLevel;
  note: string;
  domain_count: number;
  sender_count: number;
  created_at: number;
  updated_at: number;
  last_message_at: number | null;
  version: number;
}

interface Row extends SummaryRow {
  domains: string;
  senders: string;
}

export const SUMMARY = "username, active, priority, note, domain_count, sender_count, created_at, updated_at, last_message_at, version";
const COLUMNS = `${SUMMARY}, domains, senders`;

export const summaryOf = (row: SummaryRow): UserSummary => ({
  username: row.username,
  active: row.active === 1,
  priority: row.priority,
  note: row.note,
  domainCount: row.domain_count,
  senderCount: row.sender_count,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  ...(row.last_message_at === null ? {} : { lastMessageAt: row.last_message_at }),
  version: row.version,
});

const fromRow = (row: Row): StoredUser => ({ ...summaryOf(row), domains: row.domains, senders: row.senders });

/** The number of entries of a canonical list, which has no empty items, and no separator without escape in quotes. */
export interface Counts {
  domains: number;
  senders: number;
}

export async function findUser(env: Env, list: string, name: string): Promise<StoredUser | undefined> {
  const row = await env.DB.prepare(`SELECT ${COLUMNS} FROM users WHERE username = ? AND list_id = ?`).bind(name, list).first<Row>();
  return row === null ? undefined : fromRow(row);
}

export async function countUsers(env: Env, list: string): Promise<number> {
  return (await env.DB.prepare("SELECT count(*) AS n FROM users WHERE list_id = ?").bind(list).first<number>("n")) ?? 0;
}

/**
 * A statement that fails, and the whole batch with it, if `list` would have too many users with `more` of them: the limit is never below 1. It
 * counts at most as many entries of the index as a list may have users.
 */
export function roomFor(env: Env, list: string, more: number): D1PreparedStatement[] {
  const most = settings(env).USERS_PER_LIST;
  if (most === 0) return [];
  const room = `UPDATE lists SET max_priority = 0
    WHERE id = ?1 AND (SELECT count(*) FROM (SELECT 1 FROM users WHERE list_id = ?1 LIMIT ?3)) + ?2 > ?3`;
  return [env.DB.prepare(room).bind(list, more, most)];
}

/** @throws Problem 409 if `error` comes from `roomFor`. */
export function refuseFull(env: Env, error: unknown): void {
  if (!(error instanceof Error && error.message.includes("CHECK constraint failed: max_priority"))) return;
  const limit = settings(env).USERS_PER_LIST;
  const detail = `a list holds at most ${limit} users; nothing was made. Delete users that nobody needs, or make another list`;
  throw new Problem(409, "list-full", detail, { limit });
}

/**
 * Adds a user with a name that was never used before. `undefined` if the list is gone.
 *
 * @throws Problem 409 if the list is full.
 */
export async function insertUser(
  env: Env,
  list: string,
  fields: UserFields,
  counts: Counts,
  kept: KeptSecret,
): Promise<StoredUser | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const name = username();
    const now = Date.now();
    try {
      const results = await env.DB.batch<Row>([
        ...roomFor(env, list, 1),
        // Fails, and the whole batch with it, if the name was used before.
        env.DB.prepare("INSERT INTO given_names (name) VALUES (?)").bind(name),
        env.DB
          .prepare(
            `INSERT INTO users (username, list_id, active, priority, note, domains, senders, domain_count, sender_count,
               password_mac, pepper_id, created_at, updated_at)
             SELECT ?, id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM lists WHERE id = ? RETURNING ${COLUMNS}`,
          )
          .bind(
            ...[name, fields.active ? 1 : 0, fields.priority, fields.note, fields.domains, fields.senders],
            ...[counts.domains, counts.senders, kept.mac, kept.pepperId, now, now, list],
          ),
      ]);
      const row = results.at(-1)?.results[0];
      return row === undefined ? undefined : fromRow(row);
    } catch (error) {
      refuseFull(env, error);
      const given = error instanceof Error && error.message.includes("UNIQUE constraint failed: given_names.name");
      if (!given || attempt === 3) throw error;
    }
  }
}

/** Replaces version `version` only; `undefined` if another one is stored. */
export async function updateUser(
  env: Env,
  list: string,
  name: string,
  version: number,
  fields: UserFields,
  counts: Counts,
): Promise<StoredUser | undefined> {
  const row = await env.DB
    .prepare(
      `UPDATE users SET active = ?, priority = ?, note = ?, domains = ?, senders = ?, domain_count = ?, sender_count = ?,
         updated_at = ?, version = version + 1
       WHERE username = ? AND list_id = ? AND version = ? RETURNING ${COLUMNS}`,
    )
    .bind(
      ...[fields.active ? 1 : 0, fields.priority, fields.note, fields.domains, fields.senders, counts.domains, counts.senders],
      ...[Date.now(), name, list, version],
    )
    .first<Row>();
  return row === null ? undefined : fromRow(row);
}

/** The form does not edit the password, so the version stays, and an open form can still be saved. */
export async function keepPassword(env: Env, list: string, name: string, kept: KeptSecret): Promise<boolean> {
  const { meta } = await env.DB
    .prepare("UPDATE users SET password_mac = ?, pepper_id = ?, updated_at = ? WHERE username = ? AND list_id = ?")
    .bind(kept.mac, kept.pepperId, Date.now(), name, list)
    .run();
  return meta.changes > 0;
}

/** Deletes version `version` only. The name is never used again. */
export async function deleteUser(env: Env, list: string, name: string, version: number): Promise<boolean> {
  const { meta } = await env.DB
    .prepare("DELETE FROM users WHERE username = ? AND list_id = ? AND version = ?")
    .bind(name, list, version)
    .run();
  return meta.changes > 0;
}

/** When users last sent, in milliseconds since 1970, by their names. A later time stays. */
export async function noteLastMessages(env: Env, times: Record<string, number>): Promise<void> {
  const note = `UPDATE users SET last_message_at = news.at
    FROM (SELECT key AS username, value AS at FROM json_each(?1)) AS news
    WHERE users.username = news.username AND coalesce(users.last_message_at, 0) < news.at`;
  await env.DB.prepare(note).bind(JSON.stringify(times)).run();
}
