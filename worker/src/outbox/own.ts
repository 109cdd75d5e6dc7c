/** Mail of the gate itself: delivery reports and alerts. */
import type { PriorityLevel } from "sendergate";
import { messageId } from "../ids.ts";
import { outboxFor } from "./names.ts";
import type { OwnMessage } from "./types.ts";

export interface Own {
  listId: string;
  /** The null reverse-path, so that it never causes another report. */
  mailFrom: null;
  recipients: string[];
  /** CRLF line ends. */
  raw: Uint8Array;
  level: PriorityLevel;
  /** Needed if the same mail may be requested twice; otherwise a new id is made. */
  id?: string;
}

/** Stores and accepts a mail. Returns its id. If it throws, it may be called again with the same id. */
export async function enqueueOwn(env: Env, own: Own): Promise<string> {
  const { id = messageId() } = own;
  const outbox = outboxFor(env, own.listId, id);
  await outbox.acceptOwn(await storeOwn(env, outbox.id.toString(), { ...own, id }));
  return id;
}

/** Stores its body; the outbox must accept it then. */
export async function storeOwn(env: Env, outbox: string, own: Own & { id: string }): Promise<OwnMessage> {
  const { id, listId, mailFrom, recipients, raw, level } = own;
  await env.BODIES.put(`bodies/${id}`, raw, { customMetadata: { outbox } });
  return { id, listId, mailFrom, recipients, level, size: raw.length, ...needs(raw, recipients) };
}

/** Octets above 127 in addresses or header section, and in the body. */
function needs(raw: Uint8Array, recipients: readonly string[]): { smtputf8: boolean; eightBit: boolean } {
  const above = (octets: Uint8Array) => octets.some((octet) => octet > 127);
  const end = headerEnd(raw);
  const smtputf8 = recipients.some((recipient) => /[^\x00-\x7f]/.test(recipient)) || above(raw.subarray(0, end));
  return { smtputf8, eightBit: above(raw.subarray(end)) };
}

function headerEnd(raw: Uint8Array): number {
  for (let index = 0; index + 3 < raw.length; index += 1) {
    if (raw[index] === 13 && raw[index + 1] === 10 && raw[index + 2] === 13 && raw[index + 3] === 10) return index;
  }
  return raw.length;
}
