/** What crosses the border of an Outbox: plain data only, since it travels by RPC. */
import type { Decision, PriorityLevel } from "sendergate";
import type { LogEvent } from "./event.ts";

/** A message whose body is already in R2. */
export interface Acceptance {
  /** Made by `messageId()`; also the name of its body in R2 (`bodies/{id}`). */
  id: string;
  listId: string;
  username: string;
  /** `null` for the null reverse-path. */
  mailFrom: string | null;
  recipients: string[];
  /** The effective level, 1 very high … 5 very low. */
  level: PriorityLevel;
  /** Octets of what is in R2. */
  size: number;
  /** The reverse-path, a recipient or the header section has octets that need SMTPUTF8 (RFC 6531). */
  smtputf8: boolean;
  /** The body has octets above 127 (RFC 6152). */
  eightBit: boolean;
  idempotency?: { key: string; fingerprint: string };
  /** What the log will say; made by the gate, projected by the Outbox. */
  event: LogEvent;
}

export type AcceptanceAnswer =
  | { outcome: "accepted"; id: string }
  /** The same key and the same request: the earlier message stands; the body just stored may go. */
  | { outcome: "repeated"; id: string; decision: Decision }
  /** The same key with another request. */
  | { outcome: "key-reused" };

/** What an idempotency key says before the body is read. */
export type ClaimAnswer =
  /** The key is now held by this request, for ten minutes or until `accept` or `release`. */
  | { outcome: "free" }
  | { outcome: "in-flight" }
  /** Stands already for a message; `fingerprint` is what that was accepted with, to compare once the body is read. */
  | { outcome: "repeated"; id: string; decision: Decision; fingerprint: string }
  | { outcome: "key-reused" };

/** A message that we make ourselves: it is delivered as others are, and nothing of it goes into the log. */
export interface OwnMessage {
  id: string;
  listId: string;
  mailFrom: string | null;
  recipients: string[];
  level: PriorityLevel;
  size: number;
  smtputf8: boolean;
  eightBit: boolean;
}

/** A message that the queue carries: there is work in this Outbox. Work itself is leased, so a repeat does no harm. */
export interface DeliveryJob {
  /** The object's id, as hexadecimal text: an object does not always know its own name. */
  outbox: string;
}

/** One message on loan to a deliverer. */
export interface Lease {
  leaseId: string;
  messageId: string;
  listId: string;
  username: string;
  mailFrom: string | null;
  /** Those to be tried now. */
  recipients: string[];
  level: PriorityLevel;
  size: number;
  smtputf8: boolean;
  eightBit: boolean;
  attempt: number;
  /** For how many milliseconds it is lent: a length, since two machines' clocks differ. */
  lasts: number;
}

/** What became of one recipient in one attempt. */
export interface RecipientResult {
  recipient: string;
  outcome: "delivered" | "deferred" | "failed";
  /** The other server's words, made harmless: printable ASCII. */
  reply: string;
  /** RFC 3463, e.g. `4.4.2`. */
  enhancedCode: string;
}

/** What a delivery report needs to know of its message. */
export interface FailureReport {
  messageId: string;
  listId: string;
  mailFrom: string;
  level: PriorityLevel;
  acceptedAt: number;
  smtputf8: boolean;
  at: number;
  sequence: number;
  results: RecipientResult[];
}
