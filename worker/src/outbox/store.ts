/** The waiting messages in SQLite. Every method is one transaction without an await. */
import type { PriorityLevel } from "sendergate";
import type { DeliveryEvent, LogEvent } from "./event.ts";
import { type Turn, keptDecision, nextAttempt } from "./kept.ts";
import { Ledger } from "./ledger.ts";
import { Recipients } from "./recipients.ts";
import { GIVE_UP_AFTER, type Candidate, isUrgentRetry, pauseAfter, pick, relayPauseAfter, urgentRetries } from "./schedule.ts";
import { migrate } from "./schema.ts";
import type { Acceptance, Lease, OwnMessage, RecipientResult } from "./types.ts";

/** For how long the id of a finished message is kept, so that a repeated acceptance counts once. */
const REMEMBERED_FOR = 3_600_000;
/** After so many expired leases the message may be the cause: then it pauses as after a failure. */
const LAPSES_FORGIVEN = 3;
/** Messages and recipients that one step of the upkeep gives up; the alarm runs again for the others. */
const EXPIRE_MESSAGES = 100;
const EXPIRE_RECIPIENTS = 2_000;
/** Octets of a decision that is kept to answer repeats: a user may have a day of messages with keys. */
const REPEATED_DECISION = 2_048;
/** Rows of each kind that one step deletes. */
const PRUNE = 1_000;

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
  sequence: number;
  delivered: number;
  failed: number;
  lease_id: string | null;
  logged_put_off: number;
  logged_settled: number;
  omitted: number;
}

export interface Limits {
  connections: number;
  leaseMs: number;
}

export class Store {
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;
  readonly #recipients: Recipients;
  readonly #betweenOctets: () => number;
  /** Until this time no lease expires. */
  graceUntil = 0;
  /** The work for others: log, reverse-path, R2. */
  readonly ledger: Ledger;

  /** `betweenOctets`: how much the log may have of a message's attempts between the first and the last. */
  constructor(storage: DurableObjectStorage, betweenOctets: () => number) {
    this.#storage = storage;
    this.#betweenOctets = betweenOctets;
    this.#sql = storage.sql;
    migrate(storage);
    this.ledger = new Ledger(storage);
    this.#recipients = new Recipients(storage);
  }

  /** Stores a message. Returns whether it is new: a known id stays as it is. */
  accept(message: Acceptance, now: number, expiresAt: number): boolean {
    return this.#storage.transactionSync(() => {
      if (!this.#insert({ ...message, own: false }, now)) return false;
      const { idempotency, event } = message;
      if (idempotency !== undefined) {
        this.#sql.exec(
          "INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?, ?, ?)",
          message.username, idempotency.key, idempotency.fingerprint, message.id,
          JSON.stringify(keptDecision(event.decision, REPEATED_DECISION)), expiresAt,
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
    this.#recipients.insert(seq, recipients);
    return true;
  }

  /** Leases the messages that are due, in order. */
  lease(limit: number, now: number, { connections, leaseMs }: Limits, newId: () => string): Lease[] {
    return this.#storage.transactionSync(() => {
      this.lapse(now);
      const relay = this.relay();
      if (relay.pausedUntil > now) return [];
      const leased = this.#sql
        .exec<{ level: PriorityLevel; attempts: number }>("SELECT level, attempts FROM messages WHERE lease_id IS NOT NULL")
        .toArray();
      // After a failure one message tests whether the relay works again; the others keep their places.
      const most = relay.failures > 0 ? 1 : connections;
      const free = Math.min(limit, most - leased.length);
      if (free <= 0) return [];
      const retriesLeft = urgentRetries(connections) - leased.filter(isUrgentRetry).length;
      return pick(this.#due(now, free), now, free, retriesLeft).map(({ row }) => {
        const leaseId = `${row.seq}.${newId()}`;
        this.#sql.exec("UPDATE messages SET lease_id = ?, lease_until = ? WHERE seq = ?", leaseId, now + leaseMs, row.seq);
        return leaseOf(row, leaseId, leaseMs, this.#recipients.untried(row.seq));
      });
    });
  }

  /** The first of each level, new ones and retries apart: the choice is always among them. */
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

  /** Ends expired leases: their results count, and their messages are due again in the same places. */
  lapse(now: number): void {
    if (now < this.graceUntil) return;
    this.#storage.transactionSync(() => {
      for (const row of this.#sql.exec<Row>("SELECT * FROM messages WHERE lease_id IS NOT NULL AND lease_until <= ?", now).toArray()) {
        if (this.#close(row, now, Math.random).ended) continue;
        this.#sql.exec(
          "UPDATE messages SET lapses = lapses + 1, due_at = CASE WHEN lapses < ? THEN due_at ELSE ? END WHERE seq = ?",
          LAPSES_FORGIVEN, now + pauseAfter(2, 0.5), row.seq,
        );
      }
    });
  }

  /** Whether this lease is still valid. */
  renew(leaseId: string, until: number): boolean {
    const query = "UPDATE messages SET lease_until = ? WHERE seq = ? AND lease_id = ? RETURNING seq";
    return this.#sql.exec(query, until, Number.parseInt(leaseId, 10), leaseId).toArray().length > 0;
  }

  /**
   * Stores results of some recipients and renews the lease. Deliveries and failures are facts, and count even if the lease has
   * expired; a deferral counts only while the lease is valid. Returns whether it is.
   */
  tell(leaseId: string, results: readonly RecipientResult[], now: number, until: number): boolean {
    return this.#storage.transactionSync(() => {
      const row = this.#heard(leaseId, results, now);
      return row !== undefined && this.renew(leaseId, until);
    });
  }

  /** Ends a lease. Recipients without a result stay due as before. */
  report(leaseId: string, results: readonly RecipientResult[], now: number, random: () => number): void {
    this.#storage.transactionSync(() => {
      const row = this.#heard(leaseId, results, now);
      if (row !== undefined) this.#close(row, now, random);
    });
  }

  /** Stores results. Returns the message if the lease is still valid. */
  #heard(leaseId: string, results: readonly RecipientResult[], now: number): Row | undefined {
    if (results.length > 0) this.#sql.exec("UPDATE relay SET failures = 0, paused_until = 0, reply = '' WHERE failures > 0");
    const row = this.#bySeq(Number.parseInt(leaseId, 10));
    if (row === undefined) return undefined;
    if (row.lease_id === leaseId) {
      this.#recipients.mark(row.seq, results);
      return row;
    }
    const news = this.#recipients.mark(row.seq, results.filter(({ outcome }) => outcome !== "deferred"));
    // The present holder ends it, unless there is nothing left to do.
    if (news > 0 && (row.lease_id === null || this.#recipients.untried(row.seq).length === 0)) this.#close(row, now, Math.random);
    return undefined;
  }

  /** The relay could not be reached: the message keeps its place, and all messages pause. */
  unreachable(leaseId: string, reply: string, now: number): void {
    this.#storage.transactionSync(() => {
      const { failures } = this.relay();
      this.#sql.exec(
        "UPDATE relay SET failures = ?, paused_until = ?, reply = ?", failures + 1, now + relayPauseAfter(failures + 1), reply,
      );
      const row = this.#bySeq(Number.parseInt(leaseId, 10));
      if (row?.lease_id !== leaseId) return;
      const { told } = this.#close(row, now, Math.random);
      // The log gets one event for each message, however often it is tried.
      if (told || row.sequence > 0) return;
      const results = this.#recipients.untried(row.seq).map((recipient) => ({
        recipient, outcome: "deferred" as const, reply, enhancedCode: "4.4.1",
      }));
      this.#told(row, results, "deferred", now, { turn: { last: false, turns: true } });
    });
  }

  /** Ends a lease, and the round if there is nobody left to try. One event and one report have all results of the lease. */
  #close(row: Row, now: number, random: () => number, attempt = row.attempts + 1): { ended: boolean; told: boolean } {
    const { results, unchanged, untried, waiting } = this.#recipients.close(row.seq);
    const count = (wanted: RecipientResult["outcome"]) => results.filter(({ outcome }) => outcome === wanted).length;
    const delivered = row.delivered + count("delivered");
    const failed = row.failed + count("failed");
    const gone = waiting === 0;
    const ended = untried === 0;
    const attempts = ended ? attempt : row.attempts;
    const dueAt = gone ? null : ended ? Math.min(now + pauseAfter(attempts, random()), row.accepted_at + GIVE_UP_AFTER) : row.due_at;
    if (ended && !gone) this.#recipients.nextRound(row.seq);
    this.#sql.exec(
      `UPDATE messages SET delivered = ?, failed = ?, attempts = ?, retry = ?, due_at = ?, settled_at = ?, lease_id = NULL, lease_until = NULL
       WHERE seq = ?`,
      delivered, failed, attempts, Number(attempts > 0), dueAt, gone ? now : null, row.seq,
    );
    // While the round goes on, the message does not count as deferred.
    const goesOn = untried > 0 && row.attempts === 0;
    // It counts as deferred after the first round.
    const turn = { last: gone, turns: ended && row.attempts === 0 };
    this.#told({ ...row, attempts: attempt }, results, goesOn ? "queued" : stateOf(waiting, delivered, failed), now, { turn, unchanged });
    if (gone) this.ledger.doom(row.id);
    return { ended, told: results.length + unchanged > 0 };
  }

  /** Gives up some messages that were tried long enough, even if the relay cannot be reached. Returns whether that was all. */
  expire(now: number): boolean {
    return this.#storage.transactionSync(() => {
      const rows = this.#sql
        .exec<Row>(
          "SELECT * FROM messages WHERE due_at IS NOT NULL AND lease_id IS NULL AND accepted_at <= ? ORDER BY accepted_at LIMIT ?",
          now - GIVE_UP_AFTER, EXPIRE_MESSAGES,
        )
        .toArray();
      const { reply: relayReply } = this.relay();
      let recipients = 0;
      for (const row of rows) {
        if (recipients >= EXPIRE_RECIPIENTS) return false;
        const results = this.#recipients.left(row.seq).map(({ address, reply }) => ({
          recipient: address,
          outcome: "failed" as const,
          reply: `given up after five days; the last answer: ${reply || relayReply || "none"}`,
          enhancedCode: "5.4.7",
        }));
        this.#recipients.mark(row.seq, results);
        this.#close(row, now, Math.random, row.attempts);
        recipients += results.length;
      }
      return rows.length < EXPIRE_MESSAGES;
    });
  }

  #told(row: Row, results: readonly RecipientResult[], state: DeliveryEvent["state"], at: number, { turn, unchanged = 0 }: { turn: Turn; unchanged?: number }): void {
    if (results.length + unchanged === 0) return;
    const sequence = row.sequence + 1;
    const { id: messageId, list_id: listId } = row;
    const same = unchanged === 0 ? {} : { unchanged };
    const event = { messageId, sequence, at, listId, state, attempt: row.attempts, results: [...results], ...same };
    const before = { putOff: row.logged_put_off, settled: row.logged_settled, omitted: row.omitted };
    const [kept, { putOff, settled, omitted }] = nextAttempt(event, before, turn, this.#betweenOctets());
    this.#sql.exec(
      "UPDATE messages SET sequence = ?, logged_put_off = ?, logged_settled = ?, omitted = ? WHERE seq = ?", sequence, putOff, settled, omitted, row.seq,
    );
    if (row.own === 1) return;
    if (kept !== undefined) this.ledger.delivery(kept);
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
        `SELECT value AS id FROM json_each(?) WHERE EXISTS (SELECT 1 FROM messages WHERE id = value AND due_at IS NOT NULL)
         OR EXISTS (SELECT 1 FROM reports WHERE message_id = value)`,
        JSON.stringify(ids),
      )
      .toArray()
      .map(({ id }) => id);
  }

  /** Deletes some rows of finished messages. */
  prune(now: number): void {
    this.#sql.exec(
      `DELETE FROM idempotency WHERE (username, key) IN
       (SELECT username, key FROM idempotency WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)`,
      now, PRUNE,
    );
    this.#sql.exec(
      "DELETE FROM messages WHERE seq IN (SELECT seq FROM messages WHERE settled_at <= ? ORDER BY settled_at LIMIT ?)",
      now - REMEMBERED_FOR, PRUNE,
    );
  }

  /** The number of valid leases, which is at most the number of connections. */
  leased(now: number): number {
    const query = "SELECT count(*) AS n FROM messages WHERE lease_id IS NOT NULL AND lease_until > ?";
    return this.#sql.exec<{ n: number }>(query, now < this.graceUntil ? 0 : now).one().n;
  }

  /** The time since when the oldest message waits. */
  oldest(): number | undefined {
    const query = "SELECT accepted_at AS at FROM messages WHERE due_at IS NOT NULL ORDER BY accepted_at LIMIT 1";
    return this.#sql.exec<{ at: number }>(query).toArray()[0]?.at;
  }

  /** Whether a message is due now, and when there is something to do next, if ever. */
  outlook(now: number): { due: boolean; next: number | undefined } {
    const first = (query: string) => this.#sql.exec<{ at: number | null }>(query).toArray()[0]?.at ?? Number.POSITIVE_INFINITY;
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
      Math.max(first("SELECT min(lease_until) AS at FROM messages WHERE lease_id IS NOT NULL"), this.graceUntil),
      // A leased message is given up after its lease: until then there is nothing to do.
      first(`SELECT accepted_at AS at FROM messages WHERE due_at IS NOT NULL AND lease_id IS NULL ORDER BY accepted_at LIMIT 1`) + GIVE_UP_AFTER,
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

function leaseOf(row: Row, leaseId: string, lasts: number, recipients: string[]): Lease {
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
    lasts,
  };
}
