/** Many users in one transaction. */
import type { KeptSecret } from "./kept-secret.ts";
import { username as newName } from "../ids.ts";
import { type Counts, type UserFields, refuseFull, roomFor } from "./users.ts";

export interface ImportedUser {
  /** Only for a changed user; a new one gets a name. */
  username?: string;
  fields: UserFields;
  counts: Counts;
  /** Of a new user. */
  kept?: KeptSecret;
}

/** The size of one bound text: D1 allows 2 MB. */
const CHUNK = 1_000_000;

/** JSON arrays of about a megabyte at most; a single row always has less than two. */
function chunked(rows: unknown[][]): string[] {
  const chunks: string[] = [];
  let chunk = "";
  for (const row of rows.map((row) => JSON.stringify(row))) {
    if (chunk !== "" && chunk.length + row.length > CHUNK) {
      chunks.push(`[${chunk}]`);
      chunk = "";
    }
    chunk += chunk === "" ? row : `,${row}`;
  }
  if (chunk !== "") chunks.push(`[${chunk}]`);
  return chunks;
}

const columns = ({ fields, counts }: ImportedUser) => [
  ...[fields.active ? 1 : 0, fields.priority, fields.note, fields.domains, fields.senders, counts.domains, counts.senders],
];

/**
 * Writes all of them or none. Returns the names in order; `false` if a user to change is not in the list, or the list is gone.
 *
 * @throws Problem 409 if the list has no room for the new ones.
 */
export async function importUsers(env: Env, list: string, users: ImportedUser[]): Promise<string[] | false> {
  const now = Date.now();
  const names = users.map(({ username }) => username ?? newName());
  const made = users.flatMap((user, index) => (user.kept === undefined ? [] : [[names[index], ...columns(user), user.kept.mac, user.kept.pepperId]]));
  const changed = users.flatMap((user, index) => (user.kept === undefined ? [[names[index], ...columns(user)]] : []));
  const statements = [
    ...(made.length > 0 ? roomFor(env, list, made.length) : []),
    ...chunked(made).flatMap((rows) => [
      env.DB.prepare("INSERT INTO given_names (name) SELECT value ->> 0 FROM json_each(?)").bind(rows),
      env.DB
        .prepare(
          `INSERT INTO users (username, list_id, active, priority, note, domains, senders, domain_count, sender_count,
             password_mac, pepper_id, created_at, updated_at)
           SELECT value ->> 0, ?2, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
             value ->> 8, value ->> 9, ?3, ?3 FROM json_each(?1)`,
        )
        .bind(rows, list, now),
    ]),
    ...chunked(changed).map((rows) =>
      env.DB
        .prepare(
          `UPDATE users SET active = it.value ->> 1, priority = it.value ->> 2, note = it.value ->> 3, domains = it.value ->> 4,
             senders = it.value ->> 5, domain_count = it.value ->> 6, sender_count = it.value ->> 7,
             updated_at = ?3, version = version + 1
           FROM json_each(?1) AS it WHERE users.username = it.value ->> 0 AND users.list_id = ?2`,
        )
        .bind(rows, list, now),
    ),
    // A name cannot be NULL: this fails, and the whole transaction with it, if a user to change is missing.
    ...chunked(changed).map((rows) =>
      env.DB
        .prepare(
          `INSERT INTO given_names (name) SELECT NULL FROM json_each(?1) AS it
           WHERE NOT EXISTS (SELECT 1 FROM users WHERE username = it.value ->> 0 AND list_id = ?2)`,
        )
        .bind(rows, list),
    ),
  ];
  try {
    if (statements.length > 0) await env.DB.batch(statements);
    return names;
  } catch (error) {
    refuseFull(env, error);
    if (error instanceof Error && /NOT NULL constraint failed: given_names|FOREIGN KEY/.test(error.message)) return false;
    throw error;
  }
}

/** The names that are not in the list. */
export async function missingUsers(env: Env, list: string, names: string[]): Promise<Set<string>> {
  const { results } = await env.DB
    .prepare("SELECT value AS name FROM json_each(?1) WHERE NOT EXISTS (SELECT 1 FROM users WHERE username = value AND list_id = ?2)")
    .bind(JSON.stringify(names), list)
    .all<{ name: string }>();
  return new Set(results.map(({ name }) => name));
}
