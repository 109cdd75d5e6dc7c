/** Events for the log, the statistics and the Alert Center. They arrive at least once; every step uses `id` as key. */
import type { Decision } from "sendergate";

export interface LogEvent {
  /** The message's id, even if it was refused. */
  id: string;
  /** The time of the decision, in milliseconds since 1970. */
  at: number;
  listId: string;
  username: string;
  /** `null` for the null reverse-path. */
  mailFrom: string | null;
  /** The first recipients: 2 KiB of a refused message, 16 KiB of another. */
  recipients: string[];
  /** The number of recipients, if that are not all. */
  recipientCount?: number;
  /** The octets that were read: of a refused message, perhaps not all. */
  size: number;
  /** The client's address as far as it is known. */
  client?: string;
  /** The decoded text of `Subject`, at most 200 code points. It is only shown to administrators. */
  subject?: string;
  decision: Decision;
  /** The version of the engine that decided. */
  engine: string;
  /** Whether it went into the outbox. */
  accepted: boolean;
}

/** What happened to an accepted message afterwards. */
export interface DeliveryEvent {
  messageId: string;
  /** A running number within the message, so that an event is recorded once. */
  sequence: number;
  at: number;
  listId: string;
  /** The state of the whole message. */
  state: "queued" | "deferred" | "delivered" | "partly" | "failed";
  attempt: number;
  results: { recipient: string; outcome: "delivered" | "deferred" | "failed"; reply: string; enhancedCode: string }[];
  /** The number of other recipients that were deferred with the same reply as before. */
  unchanged?: number;
  /** The number of results that did not fit, with those of earlier attempts that the log does not have. */
  omittedResults?: number;
}
