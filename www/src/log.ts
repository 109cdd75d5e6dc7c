/** The log in the administration API: messages, deliveries, alerts, counts. */
import type { Action, Decision, Finding, Identity, PriorityLevel, Verdict } from "sendergate";

export const ACTIONS = ["send", "send-and-alert", "block"] as const;
export const LEVELS = [1, 2, 3, 4, 5] as const;
/** In the order of a list's settings. */
export const IDENTITIES = ["mail-from", "from", "sender", "resent-from", "resent-sender", "display-name"] as const satisfies readonly Identity[];
export const DAY = 24 * 60 * 60 * 1000;

export type MessageState = "blocked" | "queued" | "deferred" | "delivered" | "partly" | "failed";

export interface LoggedMessage {
  id: string;
  at: string;
  user: string;
  action: Action;
  verdict: Verdict;
  reason: string;
  level: PriorityLevel;
  state: MessageState;
  size: number;
  /** `null` is the null reverse-path. */
  mailFrom: string | null;
  /** In a list of messages only the first ones. */
  recipients: string[];
  recipientCount: number;
  client?: string;
  subject?: string;
  decision: KeptDecision;
  engine: string;
}

/** How many findings the log left out, if there were very many. */
export type KeptDecision = Decision & { omittedFindings?: number; omittedCandidates?: number };

export interface Delivery {
  at: string;
  attempt: number;
  state: MessageState;
  results: { recipient: string; outcome: "delivered" | "deferred" | "failed"; reply: string; enhancedCode: string }[];
  /** How many other recipients were deferred again with the same reply as before. */
  unchanged?: number;
  /** How many results the log left out: of this attempt, and of earlier ones that it does not have. */
  omittedResults?: number;
}

export interface MessageDetails extends LoggedMessage {
  /** The newest first. */
  deliveries: Delivery[];
}

export interface Paged<Item> {
  items: Item[];
  next?: string;
}

/** `YYYY-MM-DD` in UTC, as statistics count. */
export const dayOf = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(0, 10);

/** Replaces control and invisible characters by U+FFFD: an address must not look like another one or reverse the line. */
export const visible = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "\ufffd");

/** The deciding address, or the first one. */
export function senderOf({ decision, mailFrom }: Pick<LoggedMessage, "decision" | "mailFrom">): string | undefined {
  const { findings, decidedBy } = decision;
  const decided = decidedBy === undefined ? undefined : findings[decidedBy];
  const found = decided?.address ?? decided?.candidates?.[0] ?? findings.find(({ address }) => address !== undefined)?.address;
  const sender = found ?? mailFrom ?? undefined;
  return sender === undefined ? undefined : visible(sender);
}

/**
 * Whether an address was found in a display-name. The message only shows it there. In the list of senders it would also authorize
 * sending as this address, which is more than needed.
 */
export const isOnlyShown = ({ identity }: { identity?: Identity | undefined }): boolean => identity === "display-name";

export interface StatisticsRow {
  day: string;
  action?: Action;
  level?: PriorityLevel;
  messages: number;
}

/** The outcome of a test alert for each channel. */
export interface TestResult {
  channel: "webhook" | "mail";
  sent: boolean;
  result: string;
}

export interface RefusedSender {
  /** The domain, or the identity that could not be read; empty if there was none. */
  place: string;
  /** The last of the addresses. */
  address?: string;
  user: string;
  reason: string;
  messages: number;
  lastAt: string;
}

export interface Alert {
  id: string;
  user: string;
  action: Exclude<Action, "send">;
  verdict: Verdict;
  reason: string;
  place: string;
  /** The alert text of the first message. */
  summary: string;
  client?: string;
  count: number;
  firstAt: string;
  lastAt: string;
  lastMessage: string;
  /** What decided about the last of its messages, if that was an address. */
  address?: string;
  /** The message's id; absent if the log does not have it any more. */
  identity?: Identity;
  of?: NonNullable<Finding["of"]>;
}
