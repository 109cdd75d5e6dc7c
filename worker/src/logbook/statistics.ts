/** Counts of messages and alerts in D1. */
import type { Decision, Identity, PriorityLevel } from "sendergate";

export const DIMENSIONS = ["day", "action", "level", "user"] as const;
export type Dimension = (typeof DIMENSIONS)[number];

export interface Count {
  day?: string;
  action?: Decision["action"];
  level?: PriorityLevel;
  user?: string;
  messages: number;
  recipients: number;
  octets: number;
}

export interface CountQuery {
  by: Dimension[];
  first?: string | undefined;
  last?: string | undefined;
  user?: string | undefined;
  limit: number;
  /** The dimensions of the last row seen, in the order of `by`. */
  after?: (string | number)[] | undefined;
}

const COLUMNS: Record<Dimension, string> = { day: "day", action: "action", level: "level", user: "username" };

/** Days from the newest to the oldest; without days, in the order of the dimensions. */
export async function countMessages(env: Env, list: string, query: CountQuery): Promise<Count[]> {
  const { by } = query;
  const where = ["list_id = ?"];
  const values: (string | number)[] = [list];
  const only = (condition: string, ...more: (string | number)[]) => {
    where.push(condition);
    values.push(...more);
  };
  if (query.first !== undefined) only("day >= ?", query.first);
  if (query.last !== undefined) only("day <= ?", query.last);
  if (query.user !== undefined) only("username = ?", query.user);
  if (query.after !== undefined) {
    // After (a, b, c): a further on; or a the same and b further on; and so forth.
    const after = query.after;
    const further = by.map((dimension, index) => {
      const same = by.slice(0, index).map((before) => `${COLUMNS[before]} = ?`);
      return `(${[...same, `${COLUMNS[dimension]} ${dimension === "day" ? "<" : ">"} ?`].join(" AND ")})`;
    });
    only(`(${further.join(" OR ")})`, ...by.flatMap((_, index) => after.slice(0, index + 1)));
  }
  const columns = by.map((dimension) => COLUMNS[dimension]);
  const order = by.map((dimension) => `${COLUMNS[dimension]}${dimension === "day" ? " DESC" : ""}`);
  const { results } = await env.DB
    .prepare(
      `SELECT ${by.map((dimension) => `${COLUMNS[dimension]} AS ${dimension}`).join(", ")},
         sum(messages) AS messages, sum(recipients) AS recipients, sum(octets) AS octets
       FROM statistics WHERE ${where.join(" AND ")} GROUP BY ${columns.join(", ")} ORDER BY ${order.join(", ")} LIMIT ?`,
    )
    .bind(...values, query.limit)
    .all<Count>();
  return results;
}

/** Of the message `m`. */
const deciding = (what: "address" | "identity" | "of") => `m.decision ->> ('$.findings[' || (m.decision ->> '$.decidedBy') || '].${what}')`;

export interface Refused {
  /** The domain of the deciding address, or its identity if it has none. */
  place: string;
  user: string;
  reason: string;
  /** The deciding address of the last such message that is still in the log. */
  address: string | null;
  messages: number;
  last_at: number;
  last_message_id: string;
}

/** The senders that are refused most. The alerts counted every message; the log has an address for each row. */
export async function refusedSenders(
  env: Env,
  list: string,
  query: { action: "block" | "send-and-alert"; since?: number | undefined; until?: number | undefined; limit: number },
): Promise<Refused[]> {
  const { results } = await env.DB
    .prepare(
      `SELECT top.*, ${deciding("address")} AS address
       FROM (
         SELECT list_id, place, username AS user, reason, sum(count) AS messages, max(last_at) AS last_at, max(last_message_id) AS last_message_id
         FROM alerts WHERE list_id = ?1 AND action = ?2 AND hour >= ?3 AND hour < ?4
         GROUP BY place, username, reason ORDER BY messages DESC, place, username, reason LIMIT ?5
       ) AS top
       LEFT JOIN messages AS m ON m.list_id = top.list_id AND m.id = top.last_message_id
       ORDER BY messages DESC, place, user, top.reason`,
    )
    .bind(list, query.action, query.since ?? 0, query.until ?? Number.MAX_SAFE_INTEGER, query.limit)
    .all<Refused>();
  return results;
}

export interface AlertRow {
  id: string;
  user: string;
  action: "send-and-alert" | "block";
  verdict: Decision["verdict"];
  reason: string;
  place: string;
  summary: string;
  client: string | null;
  count: number;
  first_at: number;
  last_at: number;
  last_message_id: string;
  /** What decided about the last message, if that was one address and the log still has it. */
  address: string | null;
  /** The message in the log. */
  identity: Identity | null;
  of: "from" | "sender" | null;
  told: number;
  told_at: number | null;
}

export interface AlertQuery {
  action?: "send-and-alert" | "block" | undefined;
  user?: string | undefined;
  since?: number | undefined;
  until?: number | undefined;
  before?: string | undefined;
  limit: number;
}

/** There are few alerts, whatever is sent, so the filters need no index. */
export async function listAlerts(env: Env, list: string, query: AlertQuery): Promise<AlertRow[]> {
  const where = ["alerts.list_id = ?"];
  const values: (string | number)[] = [list];
  const only = (condition: string, value: string | number | undefined) => {
    if (value === undefined) return;
    where.push(condition);
    values.push(value);
  };
  only("alerts.id < ?", query.before);
  only("alerts.action = ?", query.action);
  only("alerts.username = ?", query.user);
  only("last_at >= ?", query.since);
  only("first_at < ?", query.until);
  const { results } = await env.DB
    .prepare(
      `SELECT alerts.id, alerts.username AS user, alerts.action, alerts.verdict, alerts.reason, alerts.place, summary, alerts.client, count,
         first_at, last_at, last_message_id, iif(told_at IS NULL, 0, told) AS told, told_at,
         ${deciding("address")} AS address, ${deciding("identity")} AS identity, ${deciding("of")} AS "of"
       FROM alerts LEFT JOIN messages AS m ON m.list_id = alerts.list_id AND m.id = last_message_id
       WHERE ${where.join(" AND ")} ORDER BY alerts.id DESC LIMIT ?`,
    )
    .bind(...values, query.limit)
    .all<AlertRow>();
  return results;
}
