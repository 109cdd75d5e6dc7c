/**
 * The messages that wait for delivery: one object per list and shard. It accepts, orders and stores them, and never speaks SMTP. The queue
 * wakes deliverers (deliver.ts). It may lose or repeat its messages, so the alarm calls again while there is work.
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

/** How soon after an acceptance the log gets its event: those of half a second go together. */
const TELL_AFTER = 500;
/** A job that no deliverer took within this time counts as lost. */
const CALL_AGAIN_AFTER = 5_000;
/** The longest pause between two attempts to send events to the log. */
const LONGEST_PAUSE = 60_000;
/** How much of each kind one upkeep does; the alarm soon runs again for the rest. */
const MOST_BATCHES = 20;
const MOST_REPORTS = 50;
const MOST_CLEARED = 5;
/** After a restart, leases that ran out meanwhile stay valid for so long, so that their holders can report results first. */
const GRACE = 3_000;
/** An outbox with messages that wait longer is registered in D1. */
const STUCK_AFTER = 30_000;
/** How much of a failed message's header section its report quotes. */
const QUOTED = 32 * 1024;

/** The receivers of events and reports. index.ts provides them. */
export interface Takers {
  /** Takes events, even repeated ones. If it throws, they come again. */
  project(events: LogEvent[], deliveries: DeliveryEvent[]): Promise<void>;
  /** A delivery report with CRLF. `original` is the beginning of the message, or nothing if it is no longer stored. */
  report(failure: FailureReport, original: Uint8Array | undefined, id: string): Uint8Array;
}

export class AcceptingOutbox extends DurableObject<Env> {
  readonly #takers: Takers;
  readonly #store: Store;
  readonly #claims: Claims;
  /** When a deliverer was last requested from the queue; cleared when one comes. */
  #calledAt: number | undefined;
  #alarmAt: number | undefined;
  #failures = 0;
  /** Whether all messages that were tried for too long are given up. */
  #expired = true;
  #upkeep: Promise<void> | undefined;
  /** Whether this outbox is registered for the cron; `undefined` after a start. */
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

  /** The commit point: when this returns `accepted`, the message is on disk and will be delivered. */
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

  /** Accepts a mail of the gate itself, with its body already in R2. The same id twice is one message. */
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

  /** Sends the event of a refused message to the log. */
  refused(event: LogEvent): void {
    this.#store.ledger.log(event);
    this.#alarmBy(this.now() + TELL_AFTER);
  }

  /** Leases messages to a deliverer. */
  lease(limit: number): Lease[] {
    this.#calledAt = undefined;
    const now = this.now();
    const leases = this.#store.lease(limit, now, this.#limits(), () => crypto.randomUUID());
    for (const { lasts } of leases) this.#alarmBy(now + lasts);
    return leases;
  }

  /** Renews a lease while its deliverer is alive. Returns for how many milliseconds; 0 if the deliverer does not have it any more. */
  renew(leaseId: string): number {
    const { leaseMs } = this.#limits();
    return this.#store.renew(leaseId, this.now() + leaseMs) ? leaseMs : 0;
  }

  /** Takes results of some recipients as soon as the server has answered. The lease goes on and is renewed: see `renew`. */
  tell(leaseId: string, results: RecipientResult[]): number {
    const now = this.now();
    const { leaseMs } = this.#limits();
    if (this.#store.tell(leaseId, results, now, now + leaseMs)) return leaseMs;
    // It may be the last report of a holder that is late.
    this.#alarmBy(now + TELL_AFTER);
    return 0;
  }

  /** Ends a lease, with the remaining results, and leases `more`. Recipients without a result stay due as before. */
  report(leaseId: string, results: RecipientResult[], more = 0): Lease[] {
    const now = this.now();
    this.#store.report(leaseId, results, now, Math.random);
    this.#alarmBy(now + TELL_AFTER);
    return more > 0 ? this.lease(more) : [];
  }

  /** The relay could not be reached, so there are no results. */
  unreachable(leaseId: string, reply: string): void {
    const now = this.now();
    this.#store.unreachable(leaseId, reply, now);
    this.#alarmBy(now + TELL_AFTER);
  }

  /** Does the work that is left. */
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

  /** Never throws, because an alarm that fails too often is not called again. */
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

  /** Sends events to the log. An event is deleted only when D1 has it. */
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

  /** Sends reports about failures to reverse-paths. The id of a report depends on what it reports, so that a repeat makes no second one. */
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
        // With the level of the message that it reports on.
        const own = { id, listId, mailFrom: null, recipients: [mailFrom], raw, level };
        this.acceptOwn(await storeOwn(this.env, this.ctx.id.toString(), own));
      } catch (error) {
        ledger.notReported(seq);
        throw error;
      }
      ledger.reported(seq);
    }
  }

  /** Registers this outbox for the cron while something is stuck in it. */
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

  /** Removes bodies that are not needed any more. */
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

  /** Requests a deliverer, unless one is coming or every connection has one, which asks for more when it is free. */
  #call(now: number): void {
    if (this.#store.leased(now) >= this.#limits().connections) return;
    if (this.#calledAt !== undefined && now - this.#calledAt < CALL_AGAIN_AFTER) return;
    this.#calledAt = now;
    this.env.DELIVERIES.send({ outbox: this.ctx.id.toString() }).catch((error: unknown) => {
      this.#calledAt = undefined;
      log("error", "outbox-call-failed", {}, error);
    });
  }

  /** Makes sure that the alarm runs at `at` or earlier. There is no await before, so this write joins the current transaction. */
  #alarmBy(at: number): void {
    if (this.#alarmAt !== undefined && this.#alarmAt <= at) return;
    void this.#setAlarm(at);
  }

  #setAlarm(at: number): Promise<void> {
    this.#alarmAt = at;
    return this.ctx.storage.setAlarm(at);
  }
}
