/**
 * One lease in the hands of its deliverer. It is renewed by itself, whatever happens to others, and given up before it lapses: two
 * deliverers never have the same message at once. What became of recipients is told again until the outbox has heard it.
 */
import { log } from "../log.ts";
import type { Lease, RecipientResult } from "../outbox/types.ts";

type Stub = ReturnType<Env["OUTBOX"]["get"]>;
/** A stub of its own for each call: one that failed may be broken for good. */
export type OutboxOf = () => Stub;

/** Pauses before a call is repeated; the last goes on. Shorter than the grace that an outbox gives when it is back. */
const PAUSES = [100, 250, 500, 1_000, 2_000];
/** How long a call is repeated. An invocation of the queue's consumer has 15 minutes. */
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
  /** When it lapses, by our own clock: counted from before it was asked for. */
  #until: number;
  #renewing: ReturnType<typeof setInterval>;
  #ending: ReturnType<typeof setTimeout> | undefined;

  constructor(outbox: OutboxOf, { lease, askedAt }: Lent) {
    this.#outbox = outbox;
    this.lease = lease;
    this.#until = askedAt + lease.lasts;
    this.#endIn();
    // Three times in its life, so that two calls may fail.
    this.#renewing = setInterval(() => void this.#renew(), lease.lasts / 4);
  }

  /** Aborted as soon as the lease is lost, or a moment before it lapses. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Whether the lease is lost. The clock is asked too: a machine that slept rings no timers. */
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

  /** Hands over what became of some recipients; comes back when the outbox has it, or when the lease is lost for good. */
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

  /** Gives the lease back, and borrows the next message. */
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

  /** Renews it no longer. */
  end(): void {
    clearInterval(this.#renewing);
    clearTimeout(this.#ending);
  }

  /** Until it is answered. The answer to a call may have been lost, so each may be made twice. */
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
