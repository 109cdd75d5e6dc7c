/** Chooses the outbox of a message. */
import { settings } from "../settings.ts";

export type OutboxStub = ReturnType<Env["OUTBOX"]["get"]>;

const outboxName = (listId: string, shard: number): string => `${listId}/${shard}`;

/** FNV-1a, only for an even spread. `text` is the message's id, or user and idempotency key if there is one. */
function shardOf(text: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % shards;
}

/** With an idempotency key `text` is `user key`, so that a repeat goes to the same outbox. */
export function outboxFor(env: Env, listId: string, text: string): OutboxStub {
  return env.OUTBOX.getByName(outboxName(listId, shardOf(text, settings(env).OUTBOX_SHARDS)));
}
