/** Delivers what an outbox lends out, until there is nothing more or enough has been done for one invocation. */
import { settings } from "../settings.ts";
import { relayOf } from "./relay/choose.ts";
import { BodyLost, type Relay, type RelayLine, RelayUnreachable } from "./relay/relay.ts";
import type { Lease, RecipientResult } from "../outbox/types.ts";

/** Each message costs a few subrequests, and an invocation has a thousand. */
const MOST_MESSAGES = 200;
/** A queue's consumer is stopped after 15 minutes. */
const LONGEST = 8 * 60_000;

type Stub = ReturnType<Env["OUTBOX"]["get"]>;

export async function deliverFrom(env: Env, outboxId: string): Promise<void> {
  const outbox = env.OUTBOX.get(env.OUTBOX.idFromString(outboxId));
  const { DELIVERY_CONNECTIONS: connections, DELIVERY_LEASE_SECONDS: seconds } = settings(env);
  // Settings that are wrong are found before anything is borrowed.
  const relay = relayOf(env);
  const leases = await outbox.lease(connections);
  if (leases.length === 0) return;
  const held = new Set<string>();
  const renewing = setInterval(
    () => {
      if (held.size > 0) outbox.renew([...held]).catch(() => undefined);
    },
    (1_000 * seconds) / 3,
  );
  const budget = { messages: MOST_MESSAGES, until: Date.now() + LONGEST };
  try {
    await Promise.all(leases.map((lease) => deliverOnOneLine(env, outbox, relay, lease, held, budget)));
  } finally {
    clearInterval(renewing);
  }
  if (budget.messages <= 0 || Date.now() >= budget.until) await outbox.wake();
}

/** One connection after the other message. */
async function deliverOnOneLine(
  env: Env,
  outbox: Stub,
  relay: Relay,
  first: Lease,
  held: Set<string>,
  budget: { messages: number; until: number },
): Promise<void> {
  const line = relay.line();
  try {
    let lease: Lease | undefined = first;
    while (lease !== undefined) {
      const { leaseId } = lease;
      held.add(leaseId);
      const results = await attempt(env, line, lease);
      held.delete(leaseId);
      if (results instanceof RelayUnreachable) return void (await outbox.unreachable(leaseId, results.message));
      budget.messages -= 1;
      const more: number = budget.messages > 0 && Date.now() < budget.until ? 1 : 0;
      const next: Lease[] = await outbox.report(leaseId, results, more);
      lease = next[0];
    }
  } finally {
    await line.close();
  }
}

async function attempt(env: Env, line: RelayLine, lease: Lease): Promise<RecipientResult[] | RelayUnreachable> {
  const all = (outcome: RecipientResult["outcome"], enhancedCode: string, reply: string): RecipientResult[] =>
    lease.recipients.map((recipient) => ({ recipient, outcome, enhancedCode, reply }));
  try {
    return await line.send(lease, async () => {
      const object = await env.BODIES.get(`bodies/${lease.messageId}`);
      if (object === null) throw new BodyLost();
      return object.body;
    });
  } catch (error) {
    if (error instanceof RelayUnreachable) return error;
    if (error instanceof BodyLost) {
      console.error(JSON.stringify({ level: "error", event: "body-lost", message: lease.messageId }));
      return all("failed", "5.3.0", "the message's body is no longer stored");
    }
    const message = error instanceof Error ? error.message : String(error);
    console.error(JSON.stringify({ level: "error", event: "delivery-failed", messageId: lease.messageId, message }));
    return all("deferred", "4.3.0", "the attempt failed on our side");
  }
}
