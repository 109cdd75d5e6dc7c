/** What the administration API tells of the past: messages, what became of them, alerts, counts. */
import type { Action, Decision, Finding, Identity, PriorityLevel, Verdict } from "sendergate";

export const ACTIONS = ["send", "send-and-alert", "block"] as const;
export const LEVELS = [1, 2, 3, 4, 5] as const;
/** In the order in which a list keeps them. */
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
  /** On a page of many the first of them. */
  recipients: string[];
  recipientCount: number;
  client?: string;
  subject?: string;
  decision: KeptDecision;
  engine: string;
}

/** The log leaves out findings where there are very many. */
export type KeptDecision = Decision & { omittedFindings?: number; omittedCandidates?: number };

export interface Delivery {
  at: string;
  attempt: number;
  state: MessageState;
  results: { recipient: string; outcome: "delivered" | "deferred" | "failed"; reply: string; enhancedCode: string }[];
  /** How many were put off again with the answer that they had before. */
  unchanged?: number;
  /** How many results the log left out: of this attempt, and of those before it that it does not have. */
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

/** Control and invisible characters as U+FFFD: an address may not look like another one, nor turn the line around. */
export const visible = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "\ufffd");

/** The address that decided, or the first one that was found. */
export function senderOf({ decision, mailFrom }: Pick<LoggedMessage, "decision" | "mailFrom">): string | undefined {
  const { findings, decidedBy } = decision;
  const decided = decidedBy === undefined ? undefined : findings[decidedBy];
  const found = decided?.address ?? decided?.candidates?.[0] ?? findings.find(({ address }) => address !== undefined)?.address;
  const sender = found ?? mailFrom ?? undefined;
  return sender === undefined ? undefined : visible(sender);
}

/**
 * Whether an address was found in a display-name. The message shows it there and is not sent as it; in the list of senders it could
 * be sent as: more than anybody asked for.
 */
export const isOnlyShown = ({ identity }: { identity?: Identity | undefined }): boolean => identity === "display-name";

export interface StatisticsRow {
  day: string;
  action?: Action;
  level?: PriorityLevel;
  messages: number;
}

/** How a test alert went, by each channel. */
export interface TestResult {
  channel: "webhook" | "mail";
  sent: boolean;
  result: string;
}

export interface RefusedSender {
  /** The domain, or the identity that could not be read; empty where there was none. */
  place: string;
  /** The last address of these. */
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
  /** The first message's line. */
  summary: string;
  client?: string;
  count: number;
  firstAt: string;
  lastAt: string;
  lastMessage: string;
  /** What decided about the last of its messages, where that was an address. */
  address?: string;
  /** Where that stands; absent where the log does not hold the message any more. */
  identity?: Identity;
  of?: NonNullable<Finding["of"]>;
}
