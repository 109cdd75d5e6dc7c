/** What a relay is: who takes accepted messages, and what each says that it cannot carry. */
import type { PriorityLevel } from "sendergate";
import type { Lease, RecipientResult } from "../../outbox/types.ts";

/** What is sent. `MT-PRIORITY` is made from the level. */
export type Outgoing = Pick<Lease, "messageId" | "mailFrom" | "recipients" | "level" | "size" | "smtputf8" | "eightBit">;

/** Opens the body anew, from its first octet. Throws BodyLost, or anything where it cannot be read just now. */
export type OpenBody = () => Promise<ReadableStream<Uint8Array>>;

/** What a relay cannot carry, whatever the other end says. */
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

/** One connection, or what stands for one: a message at a time. */
export interface RelayLine {
  /**
   * What became of the recipients, piece by piece: each piece as soon as the other end has answered for those in it. The next
   * transaction begins when the next piece is asked for, so that whatever was answered has been told before.
   *
   * Once `stop` is aborted no transaction begins. One that the other end cannot have taken yet is broken off, and nothing is said of its
   * recipients; for one that it may have taken the answer is awaited.
   *
   * @throws RelayUnreachable where the relay could not be talked to at all, before those of whom nothing was said had any part in it.
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

/** What is said of recipients whose transaction came to nothing because the body could not be read to its end. */
export const BODY_UNREAD: Omit<RecipientResult, "recipient"> = {
  outcome: "deferred",
  enhancedCode: "4.3.0",
  reply: "the message could not be read on our side",
};

/** The message is printable ASCII and holds no secret: it is kept and shown. */
export class RelayUnreachable extends Error {}

/** RFC 6710's levels for ours: they are read back as the same ones, also where a server knows only a few. */
export const MT_PRIORITY: Record<PriorityLevel, number> = { 1: 6, 2: 4, 3: 0, 4: -4, 5: -6 };

/** The same for all of them. */
export function forAll(recipients: readonly string[], result: Omit<RecipientResult, "recipient">): RecipientResult[] {
  return recipients.map((recipient) => ({ recipient, ...result }));
}

/** Another server's words, made harmless: printable ASCII, 400 characters at most. */
export function harmless(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, " ").trim().slice(0, 400);
}
