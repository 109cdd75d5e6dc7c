/**
 * What waits to be relayed: one object per list and shard. It accepts, orders and remembers; it never speaks SMTP. Deliverers (see
 * deliver.ts) are woken through the queue, which may lose or repeat what it carries: the alarm calls again while there is work.
 */
import { DurableObject } from "cloudflare:workers";
import { forgetWaiting, noteWaiting } from "../directory/waiting.ts";
import { log } from "../log.ts";
import { settings } from "../settings.ts";
import type { DeliveryEvent, LogEvent } from "./event.ts";
import { Claims, KEY_LIVES } from "./claims.ts";
import { storeOwn } from "./own.ts";
import { type Limits, Store } from "./store.ts";
import type { Acceptance, AcceptanceAnswer, ClaimAnswer, FailureReport, Lease, OwnMessage, RecipientResult } from "./types.ts";

/** How soon after an acceptance the log is told: those of half a second go together. */
const TELL_AFTER = 500;
/** A job that no deliverer answered within this time is taken for lost. */
const CALL_AGAIN_AFTER = 5_000;
/** The longest pause between two tries to tell the log. */
const LONGEST_PAUSE = 60_000;
/** What one upkeep does of each kind; the alarm soon rings again for the rest. */
const MOST_BATCHES = 20;
const MOST_REPORTS = 50;
const MOST_CLEARED = 5;
/** Leases that ran out while the object was away lapse so long after it is back: what their holders have to tell comes first. */
const GRACE = 3_000;
/** What waits for longer is worth a row in D1. */
const STUCK_AFTER = 30_000;
/** Of a message that failed: its report quotes the header section as far as that goes. */
const QUOTED = 32 * 1024;

/** Who takes what is told. The object knows none of them; index.ts does. */
export interface Takers {
  /** Takes events, also those that it took before. Throws where it cannot: then they come again. */
  project(events: LogEvent[], deliveries: DeliveryEvent[]): Promise<void>;
  /** A delivery report, CRLF line ends. `original` is the beginning of the message, or nothing where it is no longer stored. */
  report(failure: FailureReport, original: Uint8Array | undefined, id: string): Uint8Array;
}

export class AcceptingOutbox extends DurableObject<Env> {
  readonly #takers: Takers;
  readonly #store: Store;
  readonly #claims: Claims;
  /** When the queue was last asked for a deliverer; forgotten as one comes. */
  #calledAt: number | undefined;
  #alarmAt: number | undefined;
  #failures = 0;
  /** Whether nothing is left that was tried for too long. */
  #expired = true;
  #upkeep: Promise<void> | undefined;
  /** Whether the cron knows of this outbox; an object that has just begun does not know that. */
  #registered: boolean | undefined;
  /** Tests set it. */
  now: () => number = () => Date.now();

  constructor(ctx: DurableObjectState, env: Env, takers: Takers) {
    super(ctx, env);
    this.#takers = takers;
    this.#store = new Store(ctx.storage, () => settings(this.env).LOGGED_ATTEMPTS_BYTES);
    this.#claims = new Claims(ctx.storage);
    this.#store.graceUntil = this.now() + GRACE;
  }

  /** The commit point: when this answers `accepted`, the message is on disk and will be delivered. */
  accept(message: Acceptance): AcceptanceAnswer {
    const now = this.now();
    const { idempotency, username } = message;
    if (idempotency !== undefined) {
      const met = this.#claims.met(username, idempotency.key, idempotency.fingerprint, now);
      if (met?.outcome === "repeated") return { outcome: "repeated", id: met.id, decision: met.decision };
      if (met !== undefined) return met;
    }
    this.#store.accept(message, now, now + KEY_LIVES);
    this.#alarmBy(now + TELL_AFTER);
    this.#call(now);
    return { outcome: "accepted", id: message.id };
  }

  /** Of a message that we made: the body is in R2 already. The same id twice is one message. */
  acceptOwn(message: OwnMessage): void {
    const now = this.now();
    this.#store.acceptOwn(message, now);
    this.#alarmBy(now + CALL_AGAIN_AFTER);
    this.#call(now);
  }

  claim(username: string, key: string, fingerprint?: string): ClaimAnswer {
    return this.#claims.claim(username, key, fingerprint, this.now());
  }

  release(username: string, key: string): void {
    this.#claims.release(username, key);
  }

  /** A message that was not accepted: it is told to the log. */
  refused(event: LogEvent): void {
    this.#store.ledger.log(event);
    this.#alarmBy(this.now() + TELL_AFTER);
  }

  /** Lends out what a deliverer is to deliver now. */
  lease(limit: number): Lease[] {
    this.#calledAt = undefined;
    const now = this.now();
    const leases = this.#store.lease(limit, now, this.#limits(), () => crypto.randomUUID());
    for (const { lasts } of leases) this.#alarmBy(now + lasts);
    return leases;
  }

  /** Keeps a lease while its deliverer is alive. Returns for how many milliseconds, 0 where it is no longer lent to that one. */
  renew(leaseId: string): number {
    const { leaseMs } = this.#limits();
    return this.#store.renew(leaseId, this.now() + leaseMs) ? leaseMs : 0;
  }

  /** Takes what became of some recipients as soon as the next server has answered. The lease goes on, and is renewed: see `renew`. */
  tell(leaseId: string, results: RecipientResult[]): number {
    const now = this.now();
    const { leaseMs } = this.#limits();
    if (this.#store.tell(leaseId, results, now, now + leaseMs)) return leaseMs;
    // From a holder that is late it may be the last word.
    this.#alarmBy(now + TELL_AFTER);
    return 0;
  }

  /** Takes a lease back, with what was not told before, and lends out `more`. Recipients of whom nothing was told are due as they were. */
  report(leaseId: string, results: RecipientResult[], more = 0): Lease[] {
    const now = this.now();
    this.#store.report(leaseId, results, now, Math.random);
    this.#alarmBy(now + TELL_AFTER);
    return more > 0 ? this.lease(more) : [];
  }

  /** The relay could not be reached at all: nothing is known of the message. */
  unreachable(leaseId: string, reply: string): void {
    const now = this.now();
    this.#store.unreachable(leaseId, reply, now);
    this.#alarmBy(now + TELL_AFTER);
  }

  /** Looks after whatever is left undone. */
  async wake(): Promise<void> {
    await this.alarm();
  }

  /** Which of these messages still need their bodies. */
  holds(ids: string[]): string[] {
    return this.#store.holds(ids);
  }

  override async alarm(): Promise<void> {
    this.#upkeep ??= this.#lookAfter().finally(() => {
      this.#upkeep = undefined;
    });
    await this.#upkeep;
  }

  /** Never throws: an alarm that fails too often is not called again. */
  async #lookAfter(): Promise<void> {
    this.#alarmAt = undefined;
    try {
      const now = this.now();
      this.#store.lapse(now);
      this.#expired = this.#store.expire(now);
      this.#store.prune(now);
      if (this.#store.outlook(now).due) this.#call(now);
      const done = await Promise.allSettled([this.#tell(), this.#reportFailures().then(() => this.#clear()), this.#register(now)]);
      for (const result of done) if (result.status === "rejected") throw result.reason;
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      log("error", "outbox-upkeep-failed", { failures: this.#failures }, error);
    }
    const next = this.#next(this.now());
    if (next !== undefined) await this.#setAlarm(next);
  }

  /** Tells the log what happened. An event is forgotten only when D1 has it. */
  async #tell(): Promise<void> {
    const { ledger } = this.#store;
    for (let turn = 0; turn < MOST_BATCHES; turn += 1) {
      const batch = ledger.events();
      if (batch.seqs.length === 0) break;
      try {
        await this.#takers.project(batch.events, batch.deliveries);
      } catch (error) {
        ledger.notProjected(batch.seqs);
        throw error;
      }
      ledger.projected(batch.seqs);
    }
  }

  /** Writes to the reverse-paths of what failed. The name of each report is made of what it reports: written twice, it goes once. */
  async #reportFailures(): Promise<void> {
    const { ledger } = this.#store;
    for (let turn = 0; turn < MOST_REPORTS; turn += 1) {
      const owed = ledger.report();
      if (owed === undefined) break;
      const { seq, value: failure } = owed;
      const { messageId, sequence, listId, mailFrom, level } = failure;
      try {
        const id = `${messageId}-r${sequence}`;
        const object = await this.env.BODIES.get(`bodies/${messageId}`, { range: { offset: 0, length: QUOTED } });
        const original = object === null ? undefined : new Uint8Array(await object.arrayBuffer());
        const raw = this.#takers.report(failure, original, id);
        // As urgent as what it reports on.
        const own = { id, listId, mailFrom: null, recipients: [mailFrom], raw, level };
        this.acceptOwn(await storeOwn(this.env, this.ctx.id.toString(), own));
      } catch (error) {
        ledger.notReported(seq);
        throw error;
      }
      ledger.reported(seq);
    }
  }

  /** Has the cron look after this outbox while something is stuck in it. */
  async #register(now: number): Promise<void> {
    const oldest = this.#store.oldest();
    const stuck = oldest !== undefined && oldest < now - STUCK_AFTER;
    if (stuck && this.#registered !== true) {
      await noteWaiting(this.env, this.ctx.id.toString(), now);
      this.#registered = true;
    } else if (oldest === undefined && this.#registered !== false) {
      await forgetWaiting(this.env, this.ctx.id.toString());
      this.#registered = false;
    }
  }

  /** Removes the bodies that nobody needs. */
  async #clear(): Promise<void> {
    const { ledger } = this.#store;
    for (let turn = 0; turn < MOST_CLEARED; turn += 1) {
      const bodies = ledger.doomed();
      if (bodies.length === 0) break;
      await this.env.BODIES.delete(bodies.map((id) => `bodies/${id}`));
      ledger.removed(bodies);
    }
  }

  #next(now: number): number | undefined {
    const outlook = this.#store.outlook(now);
    const times: number[] = [];
    if (outlook.next !== undefined) times.push(outlook.due ? now + CALL_AGAIN_AFTER : Math.max(now, outlook.next));
    const { events, others } = this.#store.ledger.open;
    if (events || others || !this.#expired) times.push(now + this.#pause());
    return times.length === 0 ? undefined : Math.min(...times);
  }

  #pause(): number {
    return this.#failures === 0 ? TELL_AFTER : Math.min(LONGEST_PAUSE, 1_000 * 2 ** Math.min(this.#failures, 10));
  }

  #limits(): Limits {
    const { DELIVERY_CONNECTIONS: connections, DELIVERY_LEASE_SECONDS: seconds } = settings(this.env);
    return { connections, leaseMs: 1_000 * seconds };
  }

  /** Asks for a deliverer, unless one is on its way or every connection has one, which will ask for more when it is free. */
  #call(now: number): void {
    if (this.#store.leased(now) >= this.#limits().connections) return;
    if (this.#calledAt !== undefined && now - this.#calledAt < CALL_AGAIN_AFTER) return;
    this.#calledAt = now;
    this.env.DELIVERIES.send({ outbox: this.ctx.id.toString() }).catch((error: unknown) => {
      this.#calledAt = undefined;
      log("error", "outbox-call-failed", {}, error);
    });
  }

  /** Sees to it that the alarm rings no later than `at`. The write is part of what is being written: no await comes between. */
  #alarmBy(at: number): void {
    if (this.#alarmAt !== undefined && this.#alarmAt <= at) return;
    void this.#setAlarm(at);
  }

  #setAlarm(at: number): Promise<void> {
    this.#alarmAt = at;
    return this.ctx.storage.setAlarm(at);
  }
}
