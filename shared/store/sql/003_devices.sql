-- Tickets that this server made, and what the tiers above its parent hold. Local facts.

-- A ticket lets one key be certified (FORMATS.md, Enrolment). Open while `key` and `cancelled` are null.
CREATE TABLE ticket (
  id BLOB NOT NULL PRIMARY KEY,  -- 16 bytes
  secret BLOB NOT NULL,          -- hash of it
  unit INTEGER NOT NULL,
  role INTEGER NOT NULL,         -- 0 village, 1 officer, 2 server
  rank INTEGER NOT NULL,
  name TEXT NOT NULL,            -- of the machine
  device INTEGER NOT NULL UNIQUE,
  block INTEGER NOT NULL,        -- device numbers, from device on
  addresses TEXT NOT NULL,       -- of this server, one a line
  made INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  cancelled INTEGER,
  key BLOB,                      -- of the device that used it
  used INTEGER,
  refused INTEGER NOT NULL,      -- how often another key, or a wrong secret, was shown
  refused_at INTEGER
) STRICT, WITHOUT ROWID;

-- As table receipt, of a tier above the parent, as the parent says (PROTOCOL.md, Above).
CREATE TABLE receipt_above (
  stream INTEGER NOT NULL REFERENCES stream (no),
  rank INTEGER NOT NULL,         -- of the tier: 2 commune, 3 district, 4 province
  counter INTEGER NOT NULL,
  at INTEGER NOT NULL,           -- by the clock of that tier
  PRIMARY KEY (stream, rank)
) STRICT, WITHOUT ROWID;
