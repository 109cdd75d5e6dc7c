-- Outboxes that hold something for longer than a moment, so that each minute can look after them.
CREATE TABLE waiting_outboxes (
  -- The object's id, in hexadecimal.
  outbox TEXT PRIMARY KEY,
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
