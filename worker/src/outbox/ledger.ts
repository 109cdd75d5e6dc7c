/** The outbox's work for others: events for the log, reports to reverse-paths, bodies to remove from R2. */
import type { DeliveryEvent, LogEvent } from "./event.ts";
import type { FailureReport } from "./types.ts";

/** Characters of events in one batch, and how many. */
const BATCH_CHARACTERS = 1_000_000;
const BATCH_EVENTS = 100;
/** An event that failed so often with others is tried alone, so that it does not hold them up. */
const TRIES_IN_COMPANY = 3;

export interface Owed<T> {
  seq: number;
  value: T;
}

export interface EventBatch {
  seqs: number[];
  events: LogEvent[];
  deliveries: DeliveryEvent[];
}

export class Ledger {
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
  }

  log(event: LogEvent): void {
    this.#sql.exec("INSERT INTO events (kind, json) VALUES ('log', ?)", JSON.stringify(event));
  }

  delivery(event: DeliveryEvent): void {
    this.#sql.exec("INSERT INTO events (kind, json) VALUES ('delivery', ?)", JSON.stringify(event));
  }

  failure(report: FailureReport): void {
    this.#sql.exec("INSERT INTO reports (message_id, json) VALUES (?, ?)", report.messageId, JSON.stringify(report));
  }

  doom(id: string): void {
    this.#sql.exec("INSERT OR IGNORE INTO doomed VALUES (?)", id);
  }

  /** The next events for the log: those with the fewest failures, the oldest first. */
  events(): EventBatch {
    const batch: EventBatch = { seqs: [], events: [], deliveries: [] };
    let characters = 0;
    const rows = this.#sql.exec<{ seq: number; kind: string; json: string; tries: number }>(
      "SELECT seq, kind, json, tries FROM events ORDER BY tries, seq LIMIT ?", BATCH_EVENTS,
    );
    for (const { seq, kind, json, tries } of rows) {
      const alone = tries >= TRIES_IN_COMPANY;
      if (batch.seqs.length > 0 && (alone || characters + json.length > BATCH_CHARACTERS)) break;
      characters += json.length;
      batch.seqs.push(seq);
      if (kind === "log") batch.events.push(JSON.parse(json) as LogEvent);
      else batch.deliveries.push(JSON.parse(json) as DeliveryEvent);
      if (alone) break;
    }
    return batch;
  }

  projected(seqs: readonly number[]): void {
    this.#sql.exec("DELETE FROM events WHERE seq IN (SELECT value FROM json_each(?))", JSON.stringify(seqs));
  }

  notProjected(seqs: readonly number[]): void {
    this.#sql.exec("UPDATE events SET tries = tries + 1 WHERE seq IN (SELECT value FROM json_each(?))", JSON.stringify(seqs));
  }

  /** The next failure to report to a reverse-path. */
  report(): Owed<FailureReport> | undefined {
    const [row] = this.#sql.exec<{ seq: number; json: string }>("SELECT seq, json FROM reports ORDER BY tries, seq LIMIT 1");
    return row === undefined ? undefined : { seq: row.seq, value: JSON.parse(row.json) as FailureReport };
  }

  reported(seq: number): void {
    this.#sql.exec("DELETE FROM reports WHERE seq = ?", seq);
  }

  notReported(seq: number): void {
    this.#sql.exec("UPDATE reports SET tries = tries + 1 WHERE seq = ?", seq);
  }

  /** Bodies that may be removed. One with a report to write may not, because the report quotes the header section. */
  doomed(): string[] {
    return this.#sql
      .exec<{ id: string }>("SELECT id FROM doomed WHERE NOT EXISTS (SELECT 1 FROM reports WHERE message_id = id) LIMIT 1000")
      .toArray()
      .map(({ id }) => id);
  }

  removed(ids: readonly string[]): void {
    this.#sql.exec("DELETE FROM doomed WHERE id IN (SELECT value FROM json_each(?))", JSON.stringify(ids));
  }

  /** Whether there is anything left to do. */
  get open(): { events: boolean; others: boolean } {
    const any = (table: string) => this.#sql.exec(`SELECT 1 FROM ${table} LIMIT 1`).toArray().length > 0;
    return { events: any("events"), others: any("reports") || any("doomed") };
  }
}
