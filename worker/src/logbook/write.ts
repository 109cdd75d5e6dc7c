/**
 * Writes messages, deliveries and states into the log; triggers update the statistics and the alerts. The rows of a statement are one JSON
 * array, so that a batch has few statements, however many rows there are.
 */

/** Characters of JSON in one statement; D1 takes 2 MB in a bound value, and a row here has at most 600 KB. */
const MOST_IN_STATEMENT = 600_000;
/** Statements in one batch, which is one transaction. */
const MOST_IN_BATCH = 6;

const INSERT_MESSAGES = `
INSERT INTO messages (list_id, id, at, username, action, verdict, reason, level, state, size, mail_from, recipients, client, subject,
  decision, omitted, engine, place, recipient_count)
SELECT value ->> 'list', value ->> 'id', value ->> 'at', value ->> 'username', value ->> 'action', value ->> 'verdict',
  value ->> 'reason', value ->> 'level', value ->> 'state', value ->> 'size', value ->> 'mailFrom', value ->> 'recipients',
  value ->> 'client', value ->> 'subject', value ->> 'decision', value ->> 'omitted', value ->> 'engine', value ->> 'place',
  value ->> 'recipientCount'
FROM json_each(?1) WHERE true
ON CONFLICT DO NOTHING`;

const INSERT_DELIVERIES = `
INSERT INTO deliveries (list_id, message_id, sequence, at, attempt, state, results, unchanged, omitted)
SELECT value ->> 'list', value ->> 'id', value ->> 'sequence', value ->> 'at', value ->> 'attempt', value ->> 'state', value ->> 'results',
  value ->> 'unchanged', value ->> 'omitted'
FROM json_each(?1) WHERE true
ON CONFLICT DO NOTHING`;

const UPDATE_STATES = `
UPDATE messages SET state = news.state, sequence = news.sequence
FROM (SELECT value ->> 'list' AS list_id, value ->> 'id' AS id, value ->> 'sequence' AS sequence, value ->> 'state' AS state
  FROM json_each(?1)) AS news
WHERE messages.list_id = news.list_id AND messages.id = news.id AND messages.sequence < news.sequence`;

/** Rows with the member names that the statements above read. */
export interface LogRows {
  messages: readonly object[];
  deliveries: readonly object[];
  /** The state of the whole message. */
  states: readonly object[];
}

/** A repeat changes nothing. Throws if D1 fails; then the same call may be repeated. */
export async function writeLog(env: Env, { messages, deliveries, states }: LogRows): Promise<void> {
  const statements = [
    ...statementsOf(env, INSERT_MESSAGES, messages),
    ...statementsOf(env, INSERT_DELIVERIES, deliveries),
    ...statementsOf(env, UPDATE_STATES, states),
  ];
  for (let start = 0; start < statements.length; start += MOST_IN_BATCH) {
    await env.DB.batch(statements.slice(start, start + MOST_IN_BATCH));
  }
}

/** One statement for as many rows as fit. */
function statementsOf(env: Env, sql: string, rows: readonly object[]): D1PreparedStatement[] {
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
