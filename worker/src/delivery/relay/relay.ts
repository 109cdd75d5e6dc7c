/** The interface of a relay, which takes accepted messages and declares what it cannot carry. */
import type { PriorityLevel } from "sendergate";
import type { Lease, RecipientResult } from "../../outbox/types.ts";

/** What is sent. `MT-PRIORITY` is made from the level. */
export type Outgoing = Pick<Lease, "messageId" | "mailFrom" | "recipients" | "level" | "size" | "smtputf8" | "eightBit">;

/** Opens the body from its first octet. Throws BodyLost, or any other error if it cannot be read now. */
export type OpenBody = () => Promise<ReadableStream<Uint8Array>>;

/** What a relay cannot carry, whatever the server says. */
export interface Carries {
  /** RFC 6710. */
  mtPriority: boolean;
  /** RFC 6531. */
  smtputf8: boolean;
  /** RFC 6152. */
  eightBit: boolean;
  /** `MAIL FROM:<>`. */
  nullReversePath: boolean;
  /** Octets of a message. */
  maxBytes?: number;
}

/** One connection, or its equivalent: it carries one message at a time. */
export interface RelayLine {
  /**
   * The results of the recipients, in parts: each part as soon as the server has answered for its recipients. The next
   * transaction starts when the caller asks for the next part, so that earlier results are stored before.
   *
   * After `stop` is aborted no transaction starts. A transaction that the server cannot have accepted yet is broken off, without results for its
   * recipients. If the server may have accepted it, the answer is awaited.
   *
   * @throws RelayUnreachable if there was no connection to the relay at all; recipients without a result were not tried.
   * @throws BodyLost
   */
  send(message: Outgoing, body: OpenBody, stop: AbortSignal): AsyncIterable<RecipientResult[]>;
  close(): Promise<void>;
}

export interface Relay {
  readonly name: string;
  readonly carries: Carries;
  line(): RelayLine;
}

/** Its body is no longer in R2. */
export class BodyLost extends Error {}

/** The result of recipients if the body could not be read to its end. */
export const BODY_UNREAD: Omit<RecipientResult, "recipient"> = {
  outcome: "deferred",
  enhancedCode: "4.3.0",
  reply: "the message could not be read on our side",
};

/** The message is printable ASCII without secrets: it is stored and shown. */
export class RelayUnreachable extends Error {}

/** The MT-PRIORITY of each level (RFC 6710). Even a server with few levels keeps them apart. */
export const MT_PRIORITY: Record<PriorityLevel, number> = { 1: 6, 2: 4, 3: 0, 4: -4, 5: -6 };

/** The same for all of them. */
export function forAll(recipients: readonly string[], result: Omit<RecipientResult, "recipient">): RecipientResult[] {
  return recipients.map((recipient) => ({ recipient, ...result }));
}

/** A server's reply made safe: printable ASCII, at most 400 characters. */
export function harmless(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, " ").trim().slice(0, 400);
}
