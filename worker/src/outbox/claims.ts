/** Idempotency keys: each belongs to its user, and is kept for a day after the acceptance. */
import type { Decision } from "sendergate";
import type { ClaimAnswer } from "./types.ts";

export const KEY_LIVES = 24 * 3_600_000;
/** After this time a request that holds a key counts as failed. */
const IN_FLIGHT_FOR = 10 * 60_000;

interface Row extends Record<string, SqlStorageValue> {
  fingerprint: string | null;
  message_id: string | null;
  decision: string | null;
  expires_at: number;
}

export class Claims {
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
  }

  #find(username: string, key: string, now: number): Row | undefined {
    const query = "SELECT * FROM idempotency WHERE username = ? AND key = ? AND expires_at > ?";
    return this.#sql.exec<Row>(query, username, key, now).toArray()[0];
  }

  /** Takes a free key for a request that starts. Without a fingerprint, a known key gives `repeated`. */
  claim(username: string, key: string, fingerprint: string | undefined, now: number): ClaimAnswer {
    const row = this.#find(username, key, now);
    if (row === undefined) {
      const take = "INSERT OR REPLACE INTO idempotency (username, key, expires_at) VALUES (?, ?, ?)";
      this.#sql.exec(take, username, key, now + IN_FLIGHT_FOR);
      return { outcome: "free" };
    }
    return outcomeOf(row, fingerprint) ?? { outcome: "in-flight" };
  }

  /** The earlier acceptance with this key; nothing if this is the first. */
  met(username: string, key: string, fingerprint: string, now: number): Exclude<ClaimAnswer, { outcome: "free" | "in-flight" }> | undefined {
    const row = this.#find(username, key, now);
    return row === undefined ? undefined : outcomeOf(row, fingerprint);
  }

  /** Frees the key of a request that failed. */
  release(username: string, key: string): void {
    this.#sql.exec("DELETE FROM idempotency WHERE username = ? AND key = ? AND fingerprint IS NULL", username, key);
  }
}

function outcomeOf(row: Row, fingerprint: string | undefined): Exclude<ClaimAnswer, { outcome: "free" | "in-flight" }> | undefined {
  const { fingerprint: kept, message_id: id, decision } = row;
  if (kept === null || id === null || decision === null) return undefined;
  if (fingerprint !== undefined && fingerprint !== kept) return { outcome: "key-reused" };
  return { outcome: "repeated", id, decision: JSON.parse(decision) as Decision, fingerprint: kept };
}
