CREATE TABLE object (
  kind TEXT NOT NULL,
  id INTEGER NOT NULL,
  body TEXT NOT NULL CHECK (json_valid(body)),
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

-- The last number given to an object of a kind: numbers are never given twice.
CREATE TABLE counter (
  kind TEXT PRIMARY KEY,
  last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE revision (
  number INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  who TEXT NOT NULL,
  words TEXT NOT NULL CHECK (json_valid(words)),
  outcome TEXT NOT NULL DEFAULT 'unknown' CHECK (outcome IN ('applied', 'refused', 'unknown'))
) STRICT;

-- Both sides of every change: audit log, diff and the way back in one.
CREATE TABLE change (
  revision INTEGER NOT NULL REFERENCES revision (number),
  position INTEGER NOT NULL,
  kind TEXT NOT NULL,
  id INTEGER NOT NULL,
  before TEXT,
  after TEXT,
  PRIMARY KEY (revision, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE user (
  name TEXT PRIMARY KEY,
  role TEXT NOT NULL,
  password TEXT NOT NULL,
  enabled INTEGER NOT NULL DEFAULT 1,
  must_change INTEGER NOT NULL DEFAULT 0,
  last_login INTEGER,
  failed_since INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
  token BLOB PRIMARY KEY,
  user TEXT NOT NULL REFERENCES user (name) ON DELETE CASCADE,
  created INTEGER NOT NULL,
  used INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE api_key (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  secret BLOB NOT NULL UNIQUE,
  name TEXT NOT NULL,
  user TEXT NOT NULL REFERENCES user (name) ON DELETE CASCADE,
  role TEXT NOT NULL,
  created INTEGER NOT NULL,
  last_used INTEGER
) STRICT;

INSERT INTO revision (number, time, who, words, outcome) VALUES (0, CAST(unixepoch('subsec') * 1000 AS INTEGER), 'ballast', '["Empty appliance"]', 'applied');
-- The one object that is always there; what it does not name has its default.
INSERT INTO object (kind, id, body) VALUES ('settings', 1, '{"id":1}');
INSERT INTO counter (kind, last) VALUES ('settings', 1);
