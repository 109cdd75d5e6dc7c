/** The tables of an outbox. A release adds steps at the end and changes none. */

const STEPS: readonly string[] = [
  `
  CREATE TABLE messages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    list_id TEXT NOT NULL,
    username TEXT NOT NULL,
    mail_from TEXT,
    level INTEGER NOT NULL,
    size INTEGER NOT NULL,
    smtputf8 INTEGER NOT NULL,
    eight_bit INTEGER NOT NULL,
    -- Made by us (a delivery report, an alert): nothing of it goes into the log.
    own INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL,
    -- Since when, or from when on, it is due; NULL once every recipient is settled.
    due_at INTEGER,
    settled_at INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    -- 1 after the first attempt.
    retry INTEGER NOT NULL DEFAULT 0,
    -- Leases that ran out without a report.
    lapses INTEGER NOT NULL DEFAULT 0,
    -- Of the last delivery event.
    sequence INTEGER NOT NULL DEFAULT 0,
    delivered INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    lease_id TEXT,
    lease_until INTEGER
  ) STRICT;
  CREATE INDEX messages_due ON messages (level, retry, due_at, seq) WHERE due_at IS NOT NULL AND lease_id IS NULL;
  CREATE INDEX messages_leased ON messages (lease_until) WHERE lease_id IS NOT NULL;
  CREATE INDEX messages_waiting ON messages (accepted_at) WHERE due_at IS NOT NULL;
  CREATE INDEX messages_settled ON messages (settled_at) WHERE settled_at IS NOT NULL;

  -- Those still undelivered.
  CREATE TABLE recipients (
    seq INTEGER NOT NULL,
    position INTEGER NOT NULL,
    address TEXT NOT NULL,
    reply TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (seq, position)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE idempotency (
    username TEXT NOT NULL,
    key TEXT NOT NULL,
    -- NULL while the request is still being read.
    fingerprint TEXT,
    message_id TEXT,
    decision TEXT,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (username, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX idempotency_expiry ON idempotency (expires_at);

  -- What the log has not been told yet.
  CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('log', 'delivery')),
    json TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0
  ) STRICT;

  -- Failures that the reverse-path has not been told yet.
  CREATE TABLE reports (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id TEXT NOT NULL,
    json TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX reports_of ON reports (message_id);

  -- Messages whose bodies nobody needs any more.
  CREATE TABLE doomed (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

  CREATE TABLE relay (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    -- Failures in a row to reach it, and until when it is left alone.
    failures INTEGER NOT NULL,
    paused_until INTEGER NOT NULL,
    reply TEXT NOT NULL
  ) STRICT;
  INSERT INTO relay VALUES (1, 0, 0, '');
  `,
  `
  -- What this round told of the recipient: NULL where it was not tried yet. 'put-off' is 'deferred' once the lease is closed.
  ALTER TABLE recipients ADD COLUMN outcome TEXT CHECK (outcome IN ('delivered', 'failed', 'deferred', 'put-off'));
  ALTER TABLE recipients ADD COLUMN enhanced_code TEXT NOT NULL DEFAULT '';

  -- The next of them is found without reading the others.
  CREATE INDEX events_next ON events (tries, seq);
  CREATE INDEX reports_next ON reports (tries, seq);
  `,
  `
  -- Whether the log has not heard what this round told: 0 for who was put off with the same words as before.
  ALTER TABLE recipients ADD COLUMN changed INTEGER NOT NULL DEFAULT 1;
  `,
  `
  -- Octets of results that the log has of the attempts between the first and the last: of who was put off, and of the others. And how many
  -- results of attempts it was not told of.
  ALTER TABLE messages ADD COLUMN logged_put_off INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE messages ADD COLUMN logged_settled INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE messages ADD COLUMN omitted INTEGER NOT NULL DEFAULT 0;
  `,
];

/** Runs the steps that the storage of an outbox lacks. */
export function migrate(storage: DurableObjectStorage): void {
  const { sql } = storage;
  sql.exec("CREATE TABLE IF NOT EXISTS schema (one INTEGER PRIMARY KEY CHECK (one = 1), step INTEGER NOT NULL) STRICT");
  sql.exec("INSERT OR IGNORE INTO schema VALUES (1, 0)");
  const { step } = sql.exec<{ step: number }>("SELECT step FROM schema").one();
  for (let next = step; next < STEPS.length; next += 1) {
    storage.transactionSync(() => {
      sql.exec(STEPS[next] as string);
      sql.exec("UPDATE schema SET step = ?", next + 1);
    });
  }
}
