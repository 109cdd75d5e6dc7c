/** The parameters and results of an outbox: plain data, because they go by RPC. */
import type { Decision, PriorityLevel } from "sendergate";
import type { LogEvent } from "./event.ts";

/** A message whose body is already in R2. */
export interface Acceptance {
  /** From `messageId()`; also the name of its body in R2 (`bodies/{id}`). */
  id: string;
  listId: string;
  username: string;
  /** `null` for the null reverse-path. */
  mailFrom: string | null;
  recipients: string[];
  /** The effective level, 1 very high … 5 very low. */
  level: PriorityLevel;
  /** Octets of the body in R2. */
  size: number;
  /** The reverse-path, a recipient or the header section has octets that need SMTPUTF8 (RFC 6531). */
  smtputf8: boolean;
  /** The body has octets above 127 (RFC 6152). */
  eightBit: boolean;
  idempotency?: { key: string; fingerprint: string };
  /** The event for the log. */
  event: LogEvent;
}

export type AcceptanceAnswer =
  | { outcome: "accepted"; id: string }
  /** The same key and the same request: the earlier message counts, and the new body may be removed. */
  | { outcome: "repeated"; id: string; decision: Decision }
  /** The same key with another request. */
  | { outcome: "key-reused" };

/** The state of an idempotency key before the body is read. */
export type ClaimAnswer =
  /** This request holds the key now, for ten minutes or until `accept` or `release`. */
  | { outcome: "free" }
  | { outcome: "in-flight" }
  /** The key belongs to a message; compare with its `fingerprint` when the body is read. */
  | { outcome: "repeated"; id: string; decision: Decision; fingerprint: string }
  | { outcome: "key-reused" };

/** A mail of the gate itself: it is delivered like others, and does not go into the log. */
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

/** A message of the queue: this outbox has work. Work is leased, so a repeat does no harm. */
export interface DeliveryJob {
  /** The object's id, as hexadecimal text: an object does not always know its own name. */
  outbox: string;
}

/** One message, leased to a deliverer. */
export interface Lease {
  leaseId: string;
  messageId: string;
  listId: string;
  username: string;
  mailFrom: string | null;
  /** The recipients to try now. */
  recipients: string[];
  level: PriorityLevel;
  size: number;
  smtputf8: boolean;
  eightBit: boolean;
  attempt: number;
  /** For how many milliseconds: a duration, because the clocks of two machines differ. */
  lasts: number;
}

/** The result of one recipient in one attempt. */
export interface RecipientResult {
  recipient: string;
  outcome: "delivered" | "deferred" | "failed";
  /** The server's reply made safe: printable ASCII. */
  reply: string;
  /** RFC 3463, e.g. `4.4.2`. */
  enhancedCode: string;
}

/** What a delivery report needs of its message. */
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
