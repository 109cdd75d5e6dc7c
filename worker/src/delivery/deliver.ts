/** Delivers the messages that an outbox leases, until there are none, or this invocation has reached its limits. */
import { log } from "../log.ts";
import { settings } from "../settings.ts";
import { Hold, type Lent, type OutboxOf, borrow } from "./hold.ts";
import { relayOf } from "./relay/choose.ts";
import { BodyLost, type OpenBody, type Relay, type RelayLine, RelayUnreachable } from "./relay/relay.ts";
import type { RecipientResult } from "../outbox/types.ts";

/** Each transaction costs a few subrequests, and an invocation has a thousand. */
const MOST_TRANSACTIONS = 200;
/** A queue's consumer is stopped after 15 minutes. */
const LONGEST = 8 * 60_000;

/** The rest of what one invocation may do. */
class Budget {
  #transactions = MOST_TRANSACTIONS;
  readonly #until = Date.now() + LONGEST;

  /** Counts a transaction. */
  took(): void {
    this.#transactions -= 1;
  }

  get spent(): boolean {
    return this.#transactions <= 0 || Date.now() >= this.#until;
  }
}

export async function deliverFrom(env: Env, outboxId: string): Promise<void> {
  const outbox: OutboxOf = () => env.OUTBOX.get(env.OUTBOX.idFromString(outboxId));
  // Finds wrong settings before it leases anything.
  const { DELIVERY_CONNECTIONS: connections } = settings(env);
  const relay = relayOf(env);
  const lent = await borrow(outbox, connections);
  const budget = new Budget();
  const lines = await Promise.allSettled(lent.map((first) => deliverOnOneLine(env, outbox, relay, first, budget)));
  for (const line of lines) if (line.status === "rejected") log("error", "delivery-broken-off", {}, line.reason);
  if (budget.spent) await outbox().wake();
}

/** One connection, for one message after another. */
async function deliverOnOneLine(env: Env, outbox: OutboxOf, relay: Relay, first: Lent, budget: Budget): Promise<void> {
  const line = relay.line();
  try {
    for (let lent: Lent | undefined = first; lent !== undefined; ) {
      const hold: Hold = new Hold(outbox, lent);
      try {
        const results = await attempt(env, line, hold, budget);
        if (results instanceof RelayUnreachable) return await hold.unreachable(results.message);
        lent = await hold.report(results, budget.spent ? 0 : 1);
      } finally {
        hold.end();
      }
    }
  } finally {
    await line.close();
  }
}

/**
 * Tells the outbox the results of each transaction before the next starts. Returns the results that go with the end of the lease. Recipients
 * that the attempt did not reach have none.
 */
async function attempt(env: Env, line: RelayLine, hold: Hold, budget: Budget): Promise<RecipientResult[] | RelayUnreachable> {
  const { lease } = hold;
  const left = new Set(lease.recipients);
  const all = (outcome: RecipientResult["outcome"], enhancedCode: string, reply: string): RecipientResult[] =>
    Array.from(left, (recipient) => ({ recipient, outcome, enhancedCode, reply }));
  const body: OpenBody = async () => {
    // The last check before a message is sent.
    if (hold.over) hold.signal.throwIfAborted();
    const object = await env.BODIES.get(`bodies/${lease.messageId}`);
    if (object === null) throw new BodyLost();
    return object.body;
  };
  try {
    for await (const results of line.send(lease, body, hold.signal)) {
      budget.took();
      for (const { recipient } of results) left.delete(recipient);
      if (left.size === 0) return results;
      await hold.tell(results);
      if (hold.over || budget.spent) return [];
    }
    return hold.over ? [] : all("deferred", "4.3.0", "nothing was said of this recipient");
  } catch (error) {
    if (hold.over) return [];
    if (error instanceof RelayUnreachable) return error;
    if (error instanceof BodyLost) {
      log("error", "body-lost", { message: lease.messageId });
      return all("failed", "5.3.0", "the message's body is no longer stored");
    }
    log("error", "delivery-failed", { message: lease.messageId }, error);
    return all("deferred", "4.3.0", "the attempt failed on our side");
  }
}
