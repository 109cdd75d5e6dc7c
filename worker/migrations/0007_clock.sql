-- What is done every minute: when each part last succeeded, so that a clock that stands still is seen, and where it goes on.
CREATE TABLE clock (
  part TEXT PRIMARY KEY,
  succeeded_at INTEGER NOT NULL,
  -- When it last failed, NULL where it never did.
  failed_at INTEGER,
  -- How far the part came, as JSON, where it has more to do than one minute allows.
  mark TEXT
) STRICT, WITHOUT ROWID;
-- A clock that never ran is late too.
INSERT INTO clock (part, succeeded_at)
SELECT value, unixepoch() * 1000 FROM json_each('["outboxes","alerts","notices","pruning","bodies"]');

-- Whose turn it is to be told: a list's webhook, or its mail. While one of them fails it is left alone for growing pauses, with all
-- its notices, so that it takes nobody else's time.
CREATE TABLE alert_channels (
  list_id TEXT NOT NULL REFERENCES lists (id) ON DELETE CASCADE,
  channel TEXT NOT NULL CHECK (channel IN ('webhook', 'mail')),
  -- In a row.
  failures INTEGER NOT NULL DEFAULT 0,
  -- When its next notice is due, NULL where none waits.
  next_at INTEGER,
  PRIMARY KEY (list_id, channel)
) STRICT, WITHOUT ROWID;
-- Those that work have their turns first.
CREATE INDEX alert_channels_due ON alert_channels (failures > 0, next_at) WHERE next_at IS NOT NULL;
INSERT INTO alert_channels (list_id, channel, next_at)
SELECT list_id, channel, min(next_at) FROM notices
WHERE state = 'waiting' AND list_id IN (SELECT id FROM lists) GROUP BY list_id, channel;

-- Of one channel, those tried least often first.
CREATE INDEX notices_of_channel ON notices (list_id, channel, attempts, id) WHERE state = 'waiting';
DROP INDEX notices_waiting;

-- When each was last woken: nobody is passed over where there are more of them than one minute reaches.
ALTER TABLE waiting_outboxes ADD COLUMN woken_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX waiting_outboxes_turn ON waiting_outboxes (woken_at);
