/** Which outbox a message goes into. */
import { settings } from "../settings.ts";

export type OutboxStub = ReturnType<Env["OUTBOX"]["get"]>;

const outboxName = (listId: string, shard: number): string => `${listId}/${shard}`;

/** FNV-1a: spreads, and protects nothing. `text` is the message's id, or user and idempotency key where there is one. */
function shardOf(text: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % shards;
}

/** A repeat under the same idempotency key has to meet its first, so `text` is then `user key`. */
export function outboxFor(env: Env, listId: string, text: string): OutboxStub {
  return env.OUTBOX.getByName(outboxName(listId, shardOf(text, settings(env).OUTBOX_SHARDS)));
}
