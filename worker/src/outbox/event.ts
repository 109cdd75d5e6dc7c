/** What is told to the log, the statistics and the Alert Center, at least once; every step is keyed by `id`. */
import type { Decision } from "sendergate";

export interface LogEvent {
  /** The message's id, also where it was refused. */
  id: string;
  /** When it was decided, in milliseconds since 1970. */
  at: number;
  listId: string;
  username: string;
  /** `null` for the null reverse-path. */
  mailFrom: string | null;
  /** The first of them: of a message that was refused 2 KiB, of another 16. */
  recipients: string[];
  /** How many there were, where that are not all. */
  recipientCount?: number;
  /** Octets read; of a refused message, as far as it was read. */
  size: number;
  /** The client's address as far as it is known. */
  client?: string;
  /** The text of `Subject`, decoded, at most 200 code points: shown to administrators, never acted upon. */
  subject?: string;
  decision: Decision;
  /** Which engine decided. */
  engine: string;
  /** Whether it went into the outbox. */
  accepted: boolean;
}

/** What happened to an accepted message afterwards. */
export interface DeliveryEvent {
  messageId: string;
  /** Counts up within the message: with it an event is recorded once. */
  sequence: number;
  at: number;
  listId: string;
  /** What the message as a whole is now. */
  state: "queued" | "deferred" | "delivered" | "partly" | "failed";
  attempt: number;
  results: { recipient: string; outcome: "delivered" | "deferred" | "failed"; reply: string; enhancedCode: string }[];
  /** How many were put off besides, with the same words as before. */
  unchanged?: number;
  /** How many results did not fit, those of attempts before among them of which the log was told nothing. */
  omittedResults?: number;
}
