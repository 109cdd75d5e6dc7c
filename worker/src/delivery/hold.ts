/**
 * One lease, as its deliverer holds it. It renews itself, independent of other leases, and stops work before the lease ends, so that two
 * deliverers never have the same message at once. It repeats results until the outbox has them.
 */
import { log } from "../log.ts";
import type { Lease, RecipientResult } from "../outbox/types.ts";

type Stub = ReturnType<Env["OUTBOX"]["get"]>;
/** Each call makes a new stub: one that failed may stay broken. */
export type OutboxOf = () => Stub;

/** The pauses before a call is repeated; the last one repeats. They are shorter than the grace of an outbox after a restart. */
const PAUSES = [100, 250, 500, 1_000, 2_000];
/** For how long a call is repeated. An invocation of the queue's consumer has 15 minutes. */
const REPEATED_FOR = 5 * 60_000;

/** A lease, and when it was asked for. */
export interface Lent {
  lease: Lease;
  askedAt: number;
}

export async function borrow(outbox: OutboxOf, limit: number): Promise<Lent[]> {
  const askedAt = Date.now();
  const leases = await outbox().lease(limit);
  return leases.map((lease) => ({ lease, askedAt }));
}

export class Hold {
  readonly #outbox: OutboxOf;
  readonly lease: Lease;
  readonly #stop = new AbortController();
  /** When it ends by this machine's clock, counted from before the request. */
  #until: number;
  #renewing: ReturnType<typeof setInterval>;
  #ending: ReturnType<typeof setTimeout> | undefined;

  constructor(outbox: OutboxOf, { lease, askedAt }: Lent) {
    this.#outbox = outbox;
    this.lease = lease;
    this.#until = askedAt + lease.lasts;
    this.#endIn();
    // Three renewals in its time, so that two may fail.
    this.#renewing = setInterval(() => void this.#renew(), lease.lasts / 4);
  }

  /** Aborted as soon as the lease is lost, or just before it ends. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Whether the lease is lost. It also asks the clock, because timers do not run while a machine sleeps. */
  get over(): boolean {
    if (Date.now() >= this.#until - this.#margin) this.#stop.abort();
    return this.#stop.signal.aborted;
  }

  get #margin(): number {
    return this.lease.lasts / 10;
  }

  #endIn(): void {
    clearTimeout(this.#ending);
    this.#ending = setTimeout(() => this.#stop.abort(), this.#until - this.#margin - Date.now());
  }

  #renewed(askedAt: number, lasts: number): void {
    if (lasts === 0) return this.#stop.abort();
    this.#until = Math.max(this.#until, askedAt + lasts);
    if (!this.signal.aborted) this.#endIn();
  }

  async #renew(): Promise<void> {
    const askedAt = Date.now();
    try {
      this.#renewed(askedAt, await this.#outbox().renew(this.lease.leaseId));
    } catch (error) {
      log("error", "lease-not-renewed", { message: this.lease.messageId }, error);
    }
  }

  /** Tells the outbox the results of some recipients. Returns when the outbox has them, or the lease is lost. */
  async tell(results: RecipientResult[]): Promise<void> {
    try {
      await this.#again(async (outbox) => {
        const askedAt = Date.now();
        this.#renewed(askedAt, await outbox.tell(this.lease.leaseId, results));
      });
    } catch (error) {
      log("error", "delivery-not-told", { message: this.lease.messageId }, error);
      this.#stop.abort();
    }
  }

  /** Ends the lease, and leases the next message. */
  async report(results: RecipientResult[], more: 0 | 1): Promise<Lent | undefined> {
    this.end();
    return this.#again(async (outbox) => {
      const askedAt = Date.now();
      const [lease] = await outbox.report(this.lease.leaseId, results, more);
      return lease === undefined ? undefined : { lease, askedAt };
    });
  }

  async unreachable(reply: string): Promise<void> {
    this.end();
    await this.#again((outbox) => outbox.unreachable(this.lease.leaseId, reply));
  }

  /** Stops renewing it. */
  end(): void {
    clearInterval(this.#renewing);
    clearTimeout(this.#ending);
  }

  /** Repeats a call until there is an answer. An answer may be lost, so every call must be safe to repeat. */
  async #again<T>(call: (outbox: Stub) => Promise<T>): Promise<T> {
    const until = Date.now() + REPEATED_FOR;
    for (let turn = 0; ; turn += 1) {
      try {
        return await call(this.#outbox());
      } catch (error) {
        if (Date.now() >= until) throw error;
        log("error", "outbox-not-reached", { message: this.lease.messageId }, error);
        await new Promise((resolve) => setTimeout(resolve, PAUSES[Math.min(turn, PAUSES.length - 1)]));
      }
    }
  }
}
