/**
 * What became of each recipient of what waits. A round tries all of them once, however many leases that takes; who was delivered to
 * or refused leaves at the end of a lease, who was put off stands aside until the round is over.
 */
import type { RecipientResult } from "./types.ts";

/** Of one message, at the end of a lease. */
export interface Closed {
  /** What this lease told, in the order of the envelope. */
  results: RecipientResult[];
  /** Besides them, those put off again with the same words. */
  unchanged: number;
  /** Those that the round has still to try. */
  untried: number;
  /** Those still undelivered: these, and those put off. */
  waiting: number;
}

/** As a row of SQL: an interface is none. */
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

  /** All that are left, with the last answer that was heard about each. */
  left(seq: number): { address: string; reply: string }[] {
    return this.#sql
      .exec<{ address: string; reply: string }>("SELECT address, reply FROM recipients WHERE seq = ? ORDER BY position", seq)
      .toArray();
  }

  /** Writes down what was told; whoever is settled stays so. Returns how many it was new of. */
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
      // The same word told twice in one lease is news as much as it was at first.
      const changed = !same ? 1 : before.outcome === "deferred" ? before.changed : 0;
      const write = "UPDATE recipients SET outcome = ?, reply = ?, enhanced_code = ?, changed = ? WHERE seq = ? AND position = ?";
      this.#sql.exec(write, outcome, reply, enhancedCode, changed, seq, position);
    }
    return open.length;
  }

  /** Takes out what was told since a lease was closed before. */
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

  /** The next round tries those put off. */
  nextRound(seq: number): void {
    this.#sql.exec("UPDATE recipients SET outcome = NULL WHERE seq = ?", seq);
  }
}
