/** What waits, in SQLite. Every method is one transaction; none of them waits for anything. */
import type { PriorityLevel } from "sendergate";
import type { DeliveryEvent, LogEvent } from "./event.ts";
import { Ledger } from "./ledger.ts";
import { GIVE_UP_AFTER, type Candidate, isUrgentRetry, pauseAfter, pick, relayPauseAfter, urgentRetries } from "./schedule.ts";
import { migrate } from "./schema.ts";
import type { Acceptance, Lease, OwnMessage, RecipientResult } from "./types.ts";

/** How long a settled message's id is remembered, so that an acceptance sent twice counts once. */
const REMEMBERED_FOR = 3_600_000;
/** A lease that ran out so often was perhaps the message's own fault: from then on it is paused like a failure. */
const LAPSES_FORGIVEN = 3;

interface Row extends Record<string, SqlStorageValue> {
  seq: number;
  id: string;
  list_id: string;
  username: string;
  mail_from: string | null;
  level: PriorityLevel;
  size: number;
  smtputf8: number;
  eight_bit: number;
  own: number;
  accepted_at: number;
  due_at: number;
  attempts: number;
  lapses: number;
  sequence: number;
  delivered: number;
  failed: number;
  lease_id: string | null;
}

export interface Limits {
  connections: number;
  leaseMs: number;
}

export class Store {
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;
  /** What is to be told to others: log, reverse-path, R2. */
  readonly ledger: Ledger;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
    migrate(storage);
    this.ledger = new Ledger(storage);
  }

  /** Whether it is new: an id that is known already is left as it is. */
  accept(message: Acceptance, now: number, expiresAt: number): boolean {
    return this.#storage.transactionSync(() => {
      if (!this.#insert({ ...message, own: false }, now)) return false;
      const { idempotency, event } = message;
      if (idempotency !== undefined) {
        this.#sql.exec(
          "INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?, ?, ?)",
          message.username, idempotency.key, idempotency.fingerprint, message.id, JSON.stringify(event.decision), expiresAt,
        );
      }
      this.ledger.log(event);
      return true;
    });
  }

  acceptOwn(message: OwnMessage, now: number): boolean {
    return this.#storage.transactionSync(() => this.#insert({ ...message, username: "", own: true }, now));
  }

  #insert(message: OwnMessage & { username: string; own: boolean }, now: number): boolean {
    const { id, listId, username, mailFrom, recipients, level, size, smtputf8, eightBit, own } = message;
    const known = this.#sql.exec("SELECT 1 FROM messages WHERE id = ?", id).toArray().length > 0;
    if (known) return false;
    const { seq } = this.#sql
      .exec<{ seq: number }>(
        `INSERT INTO messages (id, list_id, username, mail_from, level, size, smtputf8, eight_bit, own, accepted_at, due_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING seq`,
        id, listId, username, mailFrom, level, size, Number(smtputf8), Number(eightBit), Number(own), now, now,
      )
      .one();
    this.#sql.exec(
      "INSERT INTO recipients (seq, position, address) SELECT ?, key, value FROM json_each(?)",
      seq, JSON.stringify(recipients),
    );
    return true;
  }

  /** Lends what is to be delivered now, in its order. */
  lease(limit: number, now: number, { connections, leaseMs }: Limits, newId: () => string): Lease[] {
    return this.#storage.transactionSync(() => {
      this.lapse(now);
      const relay = this.relay();
      if (relay.pausedUntil > now) return [];
      const leased = this.#sql
        .exec<{ level: PriorityLevel; attempts: number }>("SELECT level, attempts FROM messages WHERE lease_id IS NOT NULL")
        .toArray();
      // After a failure one message tries whether the relay is back; the others keep their places.
      const most = relay.failures > 0 ? 1 : connections;
      const free = Math.min(limit, most - leased.length);
      if (free <= 0) return [];
      const retriesLeft = urgentRetries(connections) - leased.filter(isUrgentRetry).length;
      return pick(this.#due(now, free), now, free, retriesLeft).map(({ row }) => {
        const leaseId = `${row.seq}.${newId()}`;
        const expiresAt = now + leaseMs;
        this.#sql.exec("UPDATE messages SET lease_id = ?, lease_until = ? WHERE seq = ?", leaseId, expiresAt, row.seq);
        return leaseOf(row, leaseId, expiresAt, this.#recipients(row.seq));
      });
    });
  }

  /** The first of each level, fresh ones and retries apart: whatever is picked is among them. */
  #due(now: number, limit: number): (Candidate & { row: Row })[] {
    const found: (Candidate & { row: Row })[] = [];
    for (const level of [1, 2, 3, 4, 5]) {
      for (const retry of [0, 1]) {
        const rows = this.#sql.exec<Row>(
          `SELECT * FROM messages WHERE level = ? AND retry = ? AND due_at <= ? AND lease_id IS NULL AND accepted_at > ?
           ORDER BY due_at, seq LIMIT ?`,
          level, retry, now, now - GIVE_UP_AFTER, limit,
        );
        for (const row of rows) found.push({ level: row.level, dueAt: row.due_at, seq: row.seq, attempts: row.attempts, row });
      }
    }
    return found;
  }

  /** Leases that ran out: their messages are due again, in the places that they had. */
  lapse(now: number): void {
    this.#sql.exec(
      "UPDATE messages SET lease_id = NULL, lease_until = NULL, lapses = lapses + 1, due_at = CASE WHEN lapses < ? THEN due_at ELSE ? END WHERE lease_id IS NOT NULL AND lease_until <= ?",
      LAPSES_FORGIVEN, now + pauseAfter(2, 0.5), now,
    );
  }

  /** Those that are no longer lent out are left alone. */
  renew(leaseIds: readonly string[], until: number): void {
    this.#sql.exec(
      "UPDATE messages SET lease_until = ? WHERE lease_id IN (SELECT value FROM json_each(?))",
      until, JSON.stringify(leaseIds),
    );
  }

  /**
   * What became of one attempt. A delivery or a failure is a fact, and counts although the lease ran out; a deferral counts only
   * from whoever still holds it.
   */
  report(leaseId: string, results: readonly RecipientResult[], now: number, random: () => number): void {
    this.#storage.transactionSync(() => {
      this.#sql.exec("UPDATE relay SET failures = 0, paused_until = 0, reply = '' WHERE failures > 0");
      const row = this.#bySeq(Number.parseInt(leaseId, 10));
      if (row === undefined) return;
      const current = row.lease_id === leaseId;
      const known = results.filter(({ outcome }) => current || outcome !== "deferred");
      if (known.length > 0 || current) this.#record(row, known, now, current, random);
    });
  }

  /** The relay could not be reached: the message keeps its place, and everything waits for a while. */
  unreachable(leaseId: string, reply: string, now: number): void {
    this.#storage.transactionSync(() => {
      const { failures } = this.relay();
      this.#sql.exec(
        "UPDATE relay SET failures = ?, paused_until = ?, reply = ?", failures + 1, now + relayPauseAfter(failures + 1), reply,
      );
      const row = this.#bySeq(Number.parseInt(leaseId, 10));
      if (row?.lease_id !== leaseId) return;
      this.#sql.exec("UPDATE messages SET lease_id = NULL, lease_until = NULL WHERE seq = ?", row.seq);
      // The log hears of it once for each message, however often it is tried.
      if (row.sequence > 0) return;
      const results = this.#recipients(row.seq).map((recipient) => ({
        recipient, outcome: "deferred" as const, reply, enhancedCode: "4.4.1",
      }));
      this.#told(row, results, "deferred", now);
    });
  }

  #record(row: Row, results: readonly RecipientResult[], now: number, current: boolean, random: () => number): void {
    const attempts = row.attempts + (current ? 1 : 0);
    const settled = (outcome: string) => {
      const addresses = results.filter((result) => result.outcome === outcome).map(({ recipient }) => recipient);
      if (addresses.length === 0) return 0;
      return this.#sql.exec(
        "DELETE FROM recipients WHERE seq = ? AND address IN (SELECT value FROM json_each(?)) RETURNING position",
        row.seq, JSON.stringify(addresses),
      ).toArray().length;
    };
    const delivered = row.delivered + settled("delivered");
    const failed = row.failed + settled("failed");
    const deferred = results.filter(({ outcome }) => outcome === "deferred");
    this.#sql.exec(
      `UPDATE recipients SET reply = (SELECT value ->> 'reply' FROM json_each(?1) WHERE value ->> 'recipient' = address)
       WHERE seq = ?2 AND address IN (SELECT value ->> 'recipient' FROM json_each(?1))`,
      JSON.stringify(deferred), row.seq,
    );
    const waiting = this.#recipients(row.seq).length;
    const gone = waiting === 0;
    const dueAt = gone ? null : current ? Math.min(now + pauseAfter(attempts, random()), row.accepted_at + GIVE_UP_AFTER) : row.due_at;
    this.#sql.exec(
      "UPDATE messages SET delivered = ?, failed = ?, attempts = ?, retry = ?, due_at = ?, settled_at = ? WHERE seq = ?",
      delivered, failed, attempts, Number(attempts > 0), dueAt, gone ? now : null, row.seq,
    );
    if (current || gone) this.#sql.exec("UPDATE messages SET lease_id = NULL, lease_until = NULL WHERE seq = ?", row.seq);
    this.#told({ ...row, attempts }, results, stateOf(waiting, delivered, failed), now);
    if (gone) this.ledger.doom(row.id);
  }

  /** Those that were tried long enough, whether or not there is a relay that would answer. Returns how many. */
  expire(now: number): number {
    return this.#storage.transactionSync(() => {
      const rows = this.#sql
        .exec<Row>(
          "SELECT * FROM messages WHERE due_at IS NOT NULL AND lease_id IS NULL AND accepted_at <= ? ORDER BY accepted_at LIMIT 100",
          now - GIVE_UP_AFTER,
        )
        .toArray();
      const { reply: relayReply } = this.relay();
      for (const row of rows) {
        const left = this.#sql.exec<{ address: string; reply: string }>(
          "SELECT address, reply FROM recipients WHERE seq = ? ORDER BY position", row.seq,
        );
        const results = left.toArray().map(({ address, reply }) => ({
          recipient: address,
          outcome: "failed" as const,
          reply: `given up after five days; the last answer: ${reply || relayReply || "none"}`,
          enhancedCode: "5.4.7",
        }));
        this.#record(row, results, now, false, Math.random);
      }
      return rows.length;
    });
  }

  #told(row: Row, results: readonly RecipientResult[], state: DeliveryEvent["state"], at: number): void {
    if (results.length === 0) return;
    const sequence = row.sequence + 1;
    this.#sql.exec("UPDATE messages SET sequence = ? WHERE seq = ?", sequence, row.seq);
    if (row.own === 1) return;
    const { id: messageId, list_id: listId } = row;
    this.ledger.delivery({ messageId, sequence, at, listId, state, attempt: row.attempts, results: [...results] });
    const failures = results.filter(({ outcome }) => outcome === "failed");
    if (failures.length === 0 || row.mail_from === null) return;
    this.ledger.failure({
      messageId, listId, mailFrom: row.mail_from, level: row.level, acceptedAt: row.accepted_at, smtputf8: row.smtputf8 === 1,
      at, sequence, results: failures,
    });
  }

  #bySeq(seq: number): Row | undefined {
    return this.#sql.exec<Row>("SELECT * FROM messages WHERE seq = ? AND due_at IS NOT NULL", seq).toArray()[0];
  }

  #recipients(seq: number): string[] {
    return this.#sql
      .exec<{ address: string }>("SELECT address FROM recipients WHERE seq = ? ORDER BY position", seq)
      .toArray()
      .map(({ address }) => address);
  }

  relay(): { failures: number; pausedUntil: number; reply: string } {
    const { failures, paused_until: pausedUntil, reply } = this.#sql
      .exec<{ failures: number; paused_until: number; reply: string }>("SELECT * FROM relay")
      .one();
    return { failures, pausedUntil, reply };
  }

  /** Which of these messages still need their bodies. */
  holds(ids: readonly string[]): string[] {
    return this.#sql
      .exec<{ id: string }>(
        `SELECT value AS id FROM json_each(?) WHERE value IN (SELECT id FROM messages WHERE due_at IS NOT NULL)
         OR value IN (SELECT message_id FROM reports)`,
        JSON.stringify(ids),
      )
      .toArray()
      .map(({ id }) => id);
  }

  /** Forgets what is over. */
  prune(now: number): void {
    this.#sql.exec("DELETE FROM idempotency WHERE expires_at <= ?", now);
    this.#sql.exec("DELETE FROM messages WHERE settled_at <= ?", now - REMEMBERED_FOR);
  }

  /** How many are lent out; a lease that ran out is none. */
  leased(now: number): number {
    const query = "SELECT count(*) AS n FROM messages WHERE lease_id IS NOT NULL AND lease_until > ?";
    return this.#sql.exec<{ n: number }>(query, now).one().n;
  }

  /** How many wait, and since when the oldest of them does. */
  waiting(): { waiting: number; oldest: number } {
    const query = "SELECT count(*) AS waiting, coalesce(min(accepted_at), 0) AS oldest FROM messages WHERE due_at IS NOT NULL";
    return this.#sql.exec<{ waiting: number; oldest: number }>(query).one();
  }

  /** Whether something is to be delivered now, and when the next thing has to be done, if ever. */
  outlook(now: number): { due: boolean; next: number | undefined } {
    const first = (query: string) => this.#sql.exec<{ at: number | null }>(query).one().at ?? Number.POSITIVE_INFINITY;
    const { pausedUntil } = this.relay();
    let due = Number.POSITIVE_INFINITY;
    for (const level of [1, 2, 3, 4, 5]) {
      for (const retry of [0, 1]) {
        const at = `SELECT min(due_at) AS at FROM messages WHERE level = ${level} AND retry = ${retry} AND due_at IS NOT NULL AND lease_id IS NULL`;
        due = Math.min(due, first(at));
      }
    }
    const next = Math.min(
      Math.max(due, pausedUntil),
      first("SELECT min(lease_until) AS at FROM messages WHERE lease_id IS NOT NULL"),
      first("SELECT min(accepted_at) AS at FROM messages WHERE due_at IS NOT NULL") + GIVE_UP_AFTER,
      first("SELECT min(expires_at) AS at FROM idempotency"),
      first("SELECT min(settled_at) AS at FROM messages WHERE settled_at IS NOT NULL") + REMEMBERED_FOR,
    );
    return { due: due <= now && pausedUntil <= now, next: Number.isFinite(next) ? next : undefined };
  }
}

function stateOf(waiting: number, delivered: number, failed: number): DeliveryEvent["state"] {
  if (waiting > 0) return "deferred";
  if (failed === 0) return "delivered";
  return delivered === 0 ? "failed" : "partly";
}

function leaseOf(row: Row, leaseId: string, expiresAt: number, recipients: string[]): Lease {
  return {
    leaseId,
    messageId: row.id,
    listId: row.list_id,
    username: row.username,
    mailFrom: row.mail_from,
    recipients,
    level: row.level,
    size: row.size,
    smtputf8: row.smtputf8 === 1,
    eightBit: row.eight_bit === 1,
    attempt: row.attempts + 1,
    expiresAt,
  };
}
