-- Lists, their SMTP+ users, and the tokens of services. Times are milliseconds since 1970.

CREATE TABLE lists (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  on_unauthorized TEXT NOT NULL DEFAULT 'block' CHECK (on_unauthorized IN ('alert', 'block')),
  -- A JSON array of identities, never empty.
  identities TEXT NOT NULL DEFAULT '["mail-from","from","sender","resent-from","resent-sender"]',
  max_priority INTEGER NOT NULL DEFAULT 1 CHECK (max_priority BETWEEN 1 AND 5),
  stamp_priority INTEGER NOT NULL DEFAULT 0 CHECK (stamp_priority IN (0, 1)),
  created_at INTEGER NOT NULL,
  version INTEGER NOT NULL DEFAULT 1
) STRICT;

-- Every name ever given: a name is not given twice, also after its user is gone.
CREATE TABLE given_names (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

CREATE TABLE users (
  username TEXT PRIMARY KEY REFERENCES given_names (name),
  list_id TEXT NOT NULL REFERENCES lists (id) ON DELETE CASCADE,
  active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  priority INTEGER NOT NULL DEFAULT 3 CHECK (priority BETWEEN 1 AND 5),
  note TEXT NOT NULL DEFAULT '',
  domains TEXT NOT NULL DEFAULT '',
  senders TEXT NOT NULL DEFAULT '',
  domain_count INTEGER NOT NULL DEFAULT 0,
  sender_count INTEGER NOT NULL DEFAULT 0,
  password_mac TEXT NOT NULL,
  pepper_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  last_message_at INTEGER,
  version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX users_by_list ON users (list_id, created_at, username);

CREATE TABLE service_tokens (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  -- A JSON array of list ids.
  lists TEXT NOT NULL,
  mac TEXT NOT NULL,
  pepper_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_used_at INTEGER
) STRICT;

-- Sessions of the panel that were ended before their time; gone when that has come.
CREATE TABLE ended_sessions (id TEXT PRIMARY KEY, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
