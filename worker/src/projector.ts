/**
 * Writes what the outboxes hold of the past into D1: the log, the deliveries; by triggers the statistics and the alerts. A repeat
 * changes nothing. Rows go in as one JSON array a statement, so that a batch is a few statements however many rows it brings.
 */
import { clean } from "./clean.ts";
import { tellNow } from "./alerts/notices.ts";
import type { DeliveryEvent, LogEvent } from "./outbox/event.ts";
import { keptDecision, place } from "./outbox/kept.ts";

/** Characters of JSON in one statement; D1 takes 2 MB in a bound value, and a row here has at most 600 KB. */
const MOST_IN_STATEMENT = 600_000;
/** Statements in one batch, which is one transaction. */
const MOST_IN_BATCH = 6;

const INSERT_MESSAGES = `
INSERT INTO messages (list_id, id, at, username, action, verdict, reason, level, state, size, mail_from, recipients, client, subject,
  decision, omitted, engine, place)
SELECT value ->> 'list', value ->> 'id', value ->> 'at', value ->> 'username', value ->> 'action', value ->> 'verdict',
  value ->> 'reason', value ->> 'level', value ->> 'state', value ->> 'size', value ->> 'mailFrom', value ->> 'recipients',
  value ->> 'client', value ->> 'subject', value ->> 'decision', value ->> 'omitted', value ->> 'engine', value ->> 'place'
FROM json_each(?1) WHERE true
ON CONFLICT DO NOTHING`;

const INSERT_DELIVERIES = `
INSERT INTO deliveries (list_id, message_id, sequence, at, attempt, state, results)
SELECT value ->> 'list', value ->> 'id', value ->> 'sequence', value ->> 'at', value ->> 'attempt', value ->> 'state', value ->> 'results'
FROM json_each(?1) WHERE true
ON CONFLICT DO NOTHING`;

const UPDATE_STATES = `
UPDATE messages SET state = news.state, sequence = news.sequence
FROM (SELECT value ->> 'list' AS list_id, value ->> 'id' AS id, value ->> 'sequence' AS sequence, value ->> 'state' AS state
  FROM json_each(?1)) AS news
WHERE messages.list_id = news.list_id AND messages.id = news.id AND messages.sequence < news.sequence`;

const UPDATE_USERS = `
UPDATE users SET last_message_at = news.at
FROM (SELECT key AS username, value AS at FROM json_each(?1)) AS news
WHERE users.username = news.username AND coalesce(users.last_message_at, 0) < news.at`;

/** Idempotent. Throws when D1 fails; then nothing is lost by calling again with the same. */
export async function project(env: Env, events: LogEvent[], deliveries: DeliveryEvent[], now = Date.now()): Promise<void> {
  const statements = [
    ...statementsOf(env, INSERT_MESSAGES, events.map(messageRow)),
    ...statementsOf(env, INSERT_DELIVERIES, deliveries.map(deliveryRow)),
    ...statementsOf(env, UPDATE_STATES, latest(deliveries)),
  ];
  if (events.length > 0) statements.push(env.DB.prepare(UPDATE_USERS).bind(JSON.stringify(lastOfUsers(events))));
  for (let start = 0; start < statements.length; start += MOST_IN_BATCH) {
    await env.DB.batch(statements.slice(start, start + MOST_IN_BATCH));
  }
  await tellNow(env, events.filter(({ decision }) => decision.action !== "send").map(({ listId }) => listId), now);
}

/** One statement for as many rows as fit it. */
function statementsOf(env: Env, sql: string, rows: object[]): D1PreparedStatement[] {
  const statements: D1PreparedStatement[] = [];
  let gathered: string[] = [];
  let length = 0;
  const close = () => {
    if (gathered.length > 0) statements.push(env.DB.prepare(sql).bind(`[${gathered.join(",")}]`));
    gathered = [];
    length = 0;
  };
  for (const row of rows) {
    const text = JSON.stringify(row);
    if (length + text.length > MOST_IN_STATEMENT) close();
    gathered.push(text);
    length += text.length;
  }
  close();
  return statements;
}

function messageRow(event: LogEvent): object {
  const decision = keptDecision(event.decision);
  return {
    list: event.listId,
    id: event.id,
    at: event.at,
    username: event.username,
    action: decision.action,
    verdict: decision.verdict,
    reason: decision.reason,
    level: decision.priority.effective,
    state: event.accepted ? "queued" : "blocked",
    size: event.size,
    mailFrom: event.mailFrom === null ? null : clean(event.mailFrom, 512),
    // Texts inside a text: the characters that JSON escapes stay escaped in the column.
    recipients: JSON.stringify(event.recipients.map((recipient) => clean(recipient, 512))),
    client: event.client === undefined ? null : clean(event.client, 64),
    subject: event.subject === undefined ? null : clean(event.subject, 400),
    decision: JSON.stringify(decision),
    omitted: decision.omittedFindings ?? 0,
    engine: event.engine,
    place: place(decision),
  };
}

function deliveryRow(event: DeliveryEvent): object {
  // A thousand recipients of one message: their replies are shortened so that the row stays under 1 MB.
  const most = event.results.length > 200 ? 120 : 600;
  const results = event.results.map((result) => ({
    ...result,
    recipient: clean(result.recipient, 320),
    reply: clean(result.reply, most),
  }));
  return {
    list: event.listId,
    id: event.messageId,
    sequence: event.sequence,
    at: event.at,
    attempt: event.attempt,
    state: event.state,
    results: JSON.stringify(results),
  };
}

/** The last event of each message. */
function latest(deliveries: DeliveryEvent[]): object[] {
  const last = new Map<string, DeliveryEvent>();
  for (const event of deliveries) {
    if ((last.get(event.messageId)?.sequence ?? -1) < event.sequence) last.set(event.messageId, event);
  }
  return Array.from(last.values(), ({ listId, messageId, sequence, state }) => ({ list: listId, id: messageId, sequence, state }));
}

function lastOfUsers(events: LogEvent[]): Record<string, number> {
  const last: Record<string, number> = {};
  for (const { username, at } of events) last[username] = Math.max(last[username] ?? 0, at);
  return last;
}
