/** Reads the message log in D1: newest first, in windows, so that no request reads a whole log. */
import type { Decision, PriorityLevel } from "sendergate";
import { timePrefix } from "../ids.ts";

export interface LoggedMessage {
  id: string;
  /** Milliseconds since 1970. */
  at: number;
  username: string;
  action: Decision["action"];
  verdict: Decision["verdict"];
  reason: string;
  level: PriorityLevel;
  state: "blocked" | "queued" | "deferred" | "delivered" | "partly" | "failed";
  size: number;
  mailFrom: string | null;
  /** The first recipients. */
  recipients: string[];
  recipientCount: number;
  client?: string;
  subject?: string;
  engine: string;
  decision?: Decision;
}

export interface Delivery {
  at: number;
  attempt: number;
  state: "queued" | "deferred" | "delivered" | "partly" | "failed";
  results: { recipient: string; outcome: "delivered" | "deferred" | "failed"; reply: string; enhancedCode: string }[];
  unchanged?: number;
  omittedResults?: number;
}

export interface MessageQuery {
  action?: Decision["action"] | undefined;
  level?: number | undefined;
  state?: LoggedMessage["state"] | undefined;
  user?: string | undefined;
  sender?: string | undefined;
  /** Milliseconds since 1970, half-open. */
  since?: number | undefined;
  until?: number | undefined;
  /** The last id seen. */
  before?: string | undefined;
  limit: number;
  decisions: boolean;
}

interface Row extends Omit<LoggedMessage, "decision" | "recipients" | "mailFrom" | "recipientCount" | "client" | "subject"> {
  mail_from: string | null;
  recipients: string;
  recipient_count: number;
  client: string | null;
  subject: string | null;
  decision?: string;
  octets?: number;
}

interface DeliveryRow {
  at: number;
  attempt: number;
  state: Delivery["state"];
  results: string;
  unchanged: number;
  omitted: number;
}

/** Rows that one request reads. If few match, the page is short and its cursor continues from here. */
const WINDOW = 5000;
/** Recipients of one message on a page of many. */
const RECIPIENTS = 5;
/** How much of the decisions fits on a page; the first message always fits. */
const DECISIONS_ON_A_PAGE = 4_000_000;

const COLUMNS = `id, at, username, action, verdict, reason, level, state, size, mail_from, client, subject, engine,
  coalesce(recipient_count, json_array_length(recipients)) AS recipient_count`;

function fromRow(row: Row): LoggedMessage {
  const { mail_from, recipients, recipient_count, client, subject, decision, octets: _, ...rest } = row;
  return {
    ...rest,
    mailFrom: mail_from,
    recipients: JSON.parse(recipients) as string[],
    recipientCount: recipient_count,
    ...(client === null ? {} : { client }),
    ...(subject === null ? {} : { subject }),
    ...(decision === undefined ? {} : { decision: JSON.parse(decision) as Decision }),
  };
}

/** An id is made a little before or after the time in its row. */
const SLACK = 60 * 60 * 1000;

export async function pageOfMessages(env: Env, list: string, query: MessageQuery) {
  const inner = ["list_id = ?"];
  const innerValues: (string | number)[] = [list];
  const within = (condition: string, ...values: (string | number)[]) => {
    inner.push(condition);
    innerValues.push(...values);
  };
  if (query.before !== undefined) within("id < ?", query.before);
  if (query.since !== undefined) within("id >= ? AND at >= ?", timePrefix(Math.max(0, query.since - SLACK)), query.since);
  if (query.until !== undefined) within("id < ? AND at < ?", timePrefix(query.until + SLACK), query.until);
  if (query.user !== undefined) within("username = ?", query.user);
  // In this form the index of rows other than plain `send` is used.
  if (query.action !== undefined && query.action !== "send") within("action <> 'send' AND action = ?", query.action);
  const outer = ["1"];
  const outerValues: (string | number)[] = [];
  const matching = (condition: string, ...values: (string | number)[]) => {
    outer.push(condition);
    outerValues.push(...values);
  };
  if (query.action === "send") matching("action = 'send'");
  if (query.level !== undefined) matching("level = ?", query.level);
  if (query.state !== undefined) matching("state = ?", query.state);
  if (query.sender !== undefined) {
    const found = "SELECT 1 FROM json_each(decision, '$.findings') WHERE instr(lower(value ->> 'address'), lower(?)) > 0";
    matching(`(instr(lower(mail_from), lower(?)) > 0 OR EXISTS (${found}))`, query.sender, query.sender);
  }
  // If every row of the window matches, it reads no more than it shows.
  const size = outer.length === 1 ? query.limit + 1 : WINDOW;
  const window = `SELECT * FROM messages WHERE ${inner.join(" AND ")} ORDER BY id DESC LIMIT ${size}`;
  const recipients = `(SELECT json_group_array(value) FROM (SELECT value FROM json_each(recipients) LIMIT ${RECIPIENTS})) AS recipients`;
  const decision = query.decisions ? ", decision, sum(length(decision)) OVER (ORDER BY id DESC ROWS UNBOUNDED PRECEDING) AS octets" : "";
  const page = `SELECT ${COLUMNS}, ${recipients}${decision} FROM (
      SELECT * FROM (${window}) WHERE ${outer.join(" AND ")} ORDER BY id DESC LIMIT ?
    ) ORDER BY id DESC`;
  const [read, seen] = await env.DB.batch<Row & { n: number; last: string | null }>([
    env.DB.prepare(page).bind(...innerValues, ...outerValues, query.limit + 1),
    env.DB.prepare(`SELECT count(*) AS n, min(id) AS last FROM (${window})`).bind(...innerValues),
  ]);

  const rows = read?.results ?? [];
  const shown = rows.filter(({ octets }, index) => index === 0 || (octets ?? 0) <= DECISIONS_ON_A_PAGE).slice(0, query.limit);
  const { n = 0, last = null } = seen?.results[0] ?? {};
  const next = shown.length < rows.length ? shown.at(-1)?.id : n === WINDOW && size === WINDOW ? (last ?? undefined) : undefined;
  return { items: shown.map(fromRow), next };
}

/** One message, and the last hundred attempts at its delivery, the newest first. */
export async function findMessage(env: Env, list: string, id: string) {
  const [message, deliveries] = await env.DB.batch<Row & DeliveryRow>([
    env.DB.prepare(`SELECT ${COLUMNS}, recipients, decision, 0 AS octets FROM messages WHERE list_id = ? AND id = ?`).bind(list, id),
    env.DB
      .prepare("SELECT at, attempt, state, results, unchanged, omitted FROM deliveries WHERE list_id = ? AND message_id = ? ORDER BY sequence DESC LIMIT 100")
      .bind(list, id),
  ]);
  const row = message?.results[0];
  if (row === undefined) return undefined;
  const history = (deliveries?.results ?? []).map(
    ({ at, attempt, state, results, unchanged, omitted }): Delivery => ({
      at, attempt, state,
      results: JSON.parse(results) as Delivery["results"],
      ...(unchanged === 0 ? {} : { unchanged }),
      ...(omitted === 0 ? {} : { omittedResults: omitted }),
    }),
  );
  return { message: fromRow(row), decision: JSON.parse(row.decision ?? "{}") as Decision, deliveries: history };
}
