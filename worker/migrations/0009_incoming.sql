-- The customer's own incoming server of a list. Mail programs that configure themselves want it beside ours. Without a host none is stated,
-- and the row keeps the version.
CREATE TABLE incoming_servers (
  list_id TEXT PRIMARY KEY REFERENCES lists (id) ON DELETE CASCADE,
  protocol TEXT CHECK (protocol IN ('imap', 'pop3')),
  host TEXT,
  port INTEGER,
  encryption TEXT CHECK (encryption IN ('starttls', 'tls')),
  version INTEGER NOT NULL DEFAULT 1
) STRICT, WITHOUT ROWID;

-- Whose mail addresses are received there, as A-labels. A program asks by the domain, so that each stands for one list.
CREATE TABLE incoming_domains (
  domain TEXT PRIMARY KEY,
  list_id TEXT NOT NULL REFERENCES lists (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX incoming_domains_of_list ON incoming_domains (list_id);
