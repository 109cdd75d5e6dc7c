-- The log, what became of each message, the statistics, the Alert Center. Times are milliseconds since 1970.
--
-- Everything here is projected from the outboxes, at least once. The rows of `messages` carry the rest: a message counts in
-- `statistics` and in `alerts` when its row is inserted, by triggers, so that a repeat (ON CONFLICT DO NOTHING) counts nothing.
-- Message ids sort by time, so that the primary keys serve the pages, newest first, and the pruning by age.

CREATE TABLE messages (
  list_id TEXT NOT NULL,
  id TEXT NOT NULL,
  at INTEGER NOT NULL,
  username TEXT NOT NULL,
  action TEXT NOT NULL CHECK (action IN ('send', 'send-and-alert', 'block')),
  verdict TEXT NOT NULL,
  reason TEXT NOT NULL,
  level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 5),
  -- What the message as a whole is now.
  state TEXT NOT NULL CHECK (state IN ('blocked', 'queued', 'deferred', 'delivered', 'partly', 'failed')),
  -- The number of the delivery event that `state` is of.
  sequence INTEGER NOT NULL DEFAULT -1,
  size INTEGER NOT NULL,
  -- NULL is the null reverse-path.
  mail_from TEXT,
  -- A JSON array.
  recipients TEXT NOT NULL,
  client TEXT,
  subject TEXT,
  -- The whole decision as JSON, with every finding's addresses and reasons; `omitted` findings of a very long one were left out.
  decision TEXT NOT NULL,
  omitted INTEGER NOT NULL DEFAULT 0,
  engine TEXT NOT NULL,
  -- Where the address stands that decided: its domain, else the name of its identity, else empty. Alerts are told apart by it.
  place TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (list_id, id)
  -- With row ids: in an index tree each row of more than a quarter page, which most are, would take a page of its own besides.
) STRICT;
CREATE INDEX messages_by_user ON messages (list_id, username, id);
CREATE INDEX messages_alerted ON messages (list_id, id) WHERE action <> 'send';

CREATE TABLE deliveries (
  list_id TEXT NOT NULL,
  message_id TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  at INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  state TEXT NOT NULL,
  -- A JSON array of {recipient, outcome, reply, enhancedCode}.
  results TEXT NOT NULL,
  PRIMARY KEY (list_id, message_id, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE statistics (
  list_id TEXT NOT NULL,
  -- `2026-11-23`, UTC.
  day TEXT NOT NULL,
  username TEXT NOT NULL,
  action TEXT NOT NULL,
  level INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  recipients INTEGER NOT NULL,
  octets INTEGER NOT NULL,
  PRIMARY KEY (list_id, day, username, action, level)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER messages_count AFTER INSERT ON messages BEGIN
  INSERT INTO statistics (list_id, day, username, action, level, messages, recipients, octets)
  VALUES (
    NEW.list_id, date(NEW.at / 1000, 'unixepoch'), NEW.username, NEW.action, NEW.level,
    1, json_array_length(NEW.recipients), NEW.size
  )
  ON CONFLICT DO UPDATE SET
    messages = messages + 1, recipients = recipients + excluded.recipients, octets = octets + excluded.octets;
END;

-- One row for all messages of one hour that say the same: same user, action, reason and place.
CREATE TABLE alerts (
  list_id TEXT NOT NULL,
  -- The id of its first message.
  id TEXT NOT NULL,
  -- When its hour began.
  hour INTEGER NOT NULL,
  username TEXT NOT NULL,
  action TEXT NOT NULL,
  verdict TEXT NOT NULL,
  reason TEXT NOT NULL,
  place TEXT NOT NULL,
  -- The first message's line for the Alert Center.
  summary TEXT NOT NULL,
  client TEXT,
  count INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  last_message_id TEXT NOT NULL,
  -- How many of `count` nobody is to be told of any more, and when somebody was last told; NULL: there was nobody to tell.
  told INTEGER NOT NULL DEFAULT 0,
  told_at INTEGER,
  PRIMARY KEY (list_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX alerts_alike ON alerts (list_id, hour, username, action, reason, place);
CREATE INDEX alerts_untold ON alerts (list_id) WHERE told < count;

-- Past 20 alerts of one user in an hour the place is `…`: who sends from ten thousand domains raises no ten thousand alerts.
CREATE TRIGGER messages_alert AFTER INSERT ON messages WHEN NEW.action <> 'send' BEGIN
  INSERT INTO alerts (list_id, id, hour, username, action, verdict, reason, place, summary, client, count, first_at, last_at, last_message_id)
  SELECT
    NEW.list_id, NEW.id, NEW.at - NEW.at % 3600000, NEW.username, NEW.action, NEW.verdict, NEW.reason,
    CASE
      WHEN EXISTS (
        SELECT 1 FROM alerts
        WHERE list_id = NEW.list_id AND hour = NEW.at - NEW.at % 3600000 AND username = NEW.username
          AND action = NEW.action AND reason = NEW.reason AND place = NEW.place
      ) THEN NEW.place
      WHEN (
        SELECT count(*) FROM alerts
        WHERE list_id = NEW.list_id AND hour = NEW.at - NEW.at % 3600000 AND username = NEW.username
      ) >= 20 THEN '…'
      ELSE NEW.place
    END,
    coalesce(NEW.decision ->> '$.alert', ''), NEW.client, 1, NEW.at, NEW.at, NEW.id
  WHERE true
  ON CONFLICT (list_id, hour, username, action, reason, place) DO UPDATE SET
    count = count + 1,
    first_at = min(first_at, excluded.first_at),
    last_at = max(last_at, excluded.last_at),
    last_message_id = max(last_message_id, excluded.last_message_id);
END;

-- Whom to tell of alerts; a list without a row tells nobody.
CREATE TABLE alert_settings (
  list_id TEXT PRIMARY KEY REFERENCES lists (id) ON DELETE CASCADE,
  -- A JSON array of `send-and-alert` and `block`.
  actions TEXT NOT NULL,
  -- A JSON array of mail addresses.
  addresses TEXT NOT NULL,
  webhook_url TEXT,
  -- What notices to the webhook are signed with: `whsec_` and base64.
  webhook_secret TEXT,
  -- 0: at once. Else the minutes that alerts are gathered for.
  digest_minutes INTEGER NOT NULL DEFAULT 0 CHECK (digest_minutes >= 0),
  version INTEGER NOT NULL DEFAULT 1
) STRICT;

-- What is to be told, or was: one notice to one webhook, or one mail.
CREATE TABLE notices (
  id TEXT PRIMARY KEY,
  list_id TEXT NOT NULL,
  channel TEXT NOT NULL CHECK (channel IN ('webhook', 'mail')),
  -- JSON: {kind, alerts, more}.
  payload TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'failed')),
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER NOT NULL,
  -- How the last attempt ended: a status code or a word, nothing of the answer.
  result TEXT
) STRICT;
CREATE INDEX notices_waiting ON notices (next_at) WHERE state = 'waiting';
CREATE INDEX notices_by_list ON notices (list_id, created_at);
