/**
 * The results of each recipient of waiting messages. A round tries all of them once, in as many leases as that takes. Delivered and
 * failed recipients are removed at the end of a lease; deferred ones wait for the next round.
 */
import type { RecipientResult } from "./types.ts";

/** The results of one message at the end of a lease. */
export interface Closed {
  /** The results of this lease, in the order of the envelope. */
  results: RecipientResult[];
  /** The number of others that were deferred again with the same reply. */
  unchanged: number;
  /** Those that the round has still to try. */
  untried: number;
  /** All that are not delivered: these and the deferred ones. */
  waiting: number;
}

/** A type, because SQL rows do not accept an interface. */
type Told = Pick<RecipientResult, keyof RecipientResult>;
type Open = { position: number; address: string; outcome: string | null; reply: string; code: string; changed: number };

export class Recipients {
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
  }

  insert(seq: number, addresses: readonly string[]): void {
    this.#sql.exec("INSERT INTO recipients (seq, position, address) SELECT ?, key, value FROM json_each(?)", seq, JSON.stringify(addresses));
  }

  /** Those that the round has still to try. */
  untried(seq: number): string[] {
    return this.#sql
      .exec<{ address: string }>("SELECT address FROM recipients WHERE seq = ? AND outcome IS NULL ORDER BY position", seq)
      .toArray()
      .map(({ address }) => address);
  }

  /** All that are left, with the last reply about each. */
  left(seq: number): { address: string; reply: string }[] {
    return this.#sql
      .exec<{ address: string; reply: string }>("SELECT address, reply FROM recipients WHERE seq = ? ORDER BY position", seq)
      .toArray();
  }

  /** Stores results; final ones do not change any more. Returns how many were new. */
  mark(seq: number, results: readonly RecipientResult[]): number {
    if (results.length === 0) return 0;
    const told = new Map(results.map((result) => [result.recipient, result]));
    const open = this.#sql
      .exec<Open>(
        `SELECT position, address, outcome, reply, enhanced_code AS code, changed FROM recipients WHERE seq = ? AND (outcome IS NULL OR outcome IN ('deferred', 'put-off'))
         AND address IN (SELECT value FROM json_each(?))`,
        seq, JSON.stringify([...told.keys()]),
      )
      .toArray();
    for (const { position, address, ...before } of open) {
      const { outcome, reply, enhancedCode } = told.get(address) as RecipientResult;
      const same = outcome === "deferred" && reply === before.reply && enhancedCode === before.code;
      // A result that arrives twice in one lease counts as the first time.
      const changed = !same ? 1 : before.outcome === "deferred" ? before.changed : 0;
      const write = "UPDATE recipients SET outcome = ?, reply = ?, enhanced_code = ?, changed = ? WHERE seq = ? AND position = ?";
      this.#sql.exec(write, outcome, reply, enhancedCode, changed, seq, position);
    }
    return open.length;
  }

  /** Removes and returns the results since the end of the lease before. */
  close(seq: number): Closed {
    const told = this.#sql
      .exec<Told & { changed: number }>(
        `SELECT address AS recipient, outcome, reply, enhanced_code AS enhancedCode, changed FROM recipients
         WHERE seq = ? AND outcome IN ('delivered', 'failed', 'deferred') ORDER BY position`,
        seq,
      )
      .toArray();
    if (told.length > 0) {
      this.#sql.exec("DELETE FROM recipients WHERE seq = ? AND outcome IN ('delivered', 'failed')", seq);
      this.#sql.exec("UPDATE recipients SET outcome = 'put-off' WHERE seq = ? AND outcome = 'deferred'", seq);
    }
    const { waiting, untried } = this.#sql
      .exec<{ waiting: number; untried: number }>(
        "SELECT count(*) AS waiting, count(*) FILTER (WHERE outcome IS NULL) AS untried FROM recipients WHERE seq = ?", seq,
      )
      .one();
    const results = told.filter(({ changed }) => changed === 1).map(({ changed: _, ...result }) => result);
    return { results, unchanged: told.length - results.length, waiting, untried };
  }

  /** Starts the next round, which tries the deferred ones. */
  nextRound(seq: number): void {
    this.#sql.exec("UPDATE recipients SET outcome = NULL WHERE seq = ?", seq);
  }
}
