-- The log, its streams and the state: all that cannot be rebuilt, and the state folded from it.
-- Layout: docs/FORMATS.md (Database); rules: sync.md, identity.md. Every table is STRICT.

-- Small facts of this database: its catalogue's digest, versions of projections, the parent's time.
CREATE TABLE meta (
  key TEXT NOT NULL PRIMARY KEY,
  value ANY NOT NULL
) STRICT, WITHOUT ROWID;

-- Names of types and fields by a local number, so that a state row does not repeat them.
CREATE TABLE word (
  no INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE
) STRICT;

-- Scopes met here. heads is the sum over the sealed heads of the scope's streams (PROTOCOL.md).
CREATE TABLE scope (
  no INTEGER PRIMARY KEY,
  unit INTEGER NOT NULL,
  channel INTEGER NOT NULL,      -- 0 records, 1 reference
  heads BLOB NOT NULL,
  UNIQUE (unit, channel)
) STRICT;

-- Certificates that streams carry and children show, verified up to the root key.
CREATE TABLE certificate (
  no INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,       -- 16 bytes
  bytes BLOB NOT NULL
) STRICT;

-- One writer in one scope. Invariants: folded <= held; a stream's predecessor is held; h(held) = head.
-- The author's own open tail lies beyond held until it is sealed; its events are folded already.
CREATE TABLE stream (
  no INTEGER PRIMARY KEY,        -- below 2^31; part of packed row ids
  scope INTEGER NOT NULL REFERENCES scope (no),
  writer BLOB NOT NULL,          -- 12 bytes
  certificate INTEGER NOT NULL REFERENCES certificate (no),
  branch INTEGER NOT NULL,       -- 0: the first continuation of the writer that came; 1, 2, ...: others
  shared INTEGER NOT NULL,       -- of a branch: events that it has in common with its predecessor's row
  aside INTEGER NOT NULL,        -- first counter that is set aside (identity.md), 0 for none
  epoch BLOB NOT NULL,           -- 8 bytes
  predecessor INTEGER NOT NULL,  -- packed row id of the event before its own first, 0 for none
  start_hash BLOB NOT NULL,      -- h(0)
  held INTEGER NOT NULL,
  head BLOB NOT NULL,            -- h(held)
  folded INTEGER NOT NULL,
  folded_order INTEGER NOT NULL, -- what the last folded event counts as
  own INTEGER NOT NULL,          -- last counter that this very database wrote and sealed; 0: foreign
  UNIQUE (scope, writer, branch)
) STRICT;

-- Events with an op `revoke` that are held, waiting or not: read before all others.
CREATE TABLE revocation (
  id INTEGER PRIMARY KEY,        -- packed row id of the event
  scope INTEGER NOT NULL
) STRICT;

-- Segments as they came, byte for byte, in the order of arrival. Never pruned.
CREATE TABLE segment (
  ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
  stream INTEGER NOT NULL REFERENCES stream (no),
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  hash BLOB NOT NULL,            -- h(last)
  arrived INTEGER NOT NULL,      -- this machine's clock, ms
  bytes BLOB NOT NULL
) STRICT;
CREATE INDEX segment_stream ON segment (stream, first);

-- The author's open tail: canonical bytes, durable before "saved" is shown.
CREATE TABLE tail (
  id INTEGER PRIMARY KEY,        -- packed row id
  bytes BLOB NOT NULL
) STRICT;

-- One row an entity; id is the packed row id of its create, or minus the scope's number for what
-- concerns the scope itself.
CREATE TABLE entity (
  id INTEGER PRIMARY KEY,
  scope INTEGER NOT NULL,
  type INTEGER NOT NULL,         -- word
  parent INTEGER,                -- packed row id
  state BLOB NOT NULL
) STRICT;
CREATE INDEX entity_parent ON entity (parent) WHERE parent IS NOT NULL;

-- Items of append fields.
CREATE TABLE item (
  entity INTEGER NOT NULL,
  ref INTEGER NOT NULL,
  op INTEGER NOT NULL,
  word INTEGER NOT NULL,
  item_order INTEGER NOT NULL,
  value BLOB NOT NULL,
  PRIMARY KEY (entity, ref, op)
) STRICT, WITHOUT ROWID;

-- Segments whose beginning, or a name in them, is not here yet. Bounded for each scope.
CREATE TABLE aside (
  ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
  scope INTEGER NOT NULL,
  digest BLOB NOT NULL UNIQUE,   -- 16 bytes
  bytes BLOB NOT NULL
) STRICT;

-- Half-received segments, by the device that was sending.
CREATE TABLE partial (
  device INTEGER NOT NULL,
  digest BLOB NOT NULL,
  at INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (device, digest)
) STRICT;

-- What the parent has signed to hold: up to which counter of each stream, and when by its clock.
CREATE TABLE receipt (
  stream INTEGER PRIMARY KEY REFERENCES stream (no),
  counter INTEGER NOT NULL,
  parent_time INTEGER NOT NULL,
  signed BLOB NOT NULL
) STRICT;

-- Children's last contact with this server, one row a device.
CREATE TABLE contact (
  device INTEGER PRIMARY KEY,
  unit INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT;

-- Device numbers given out by this node, and blocks of numbers for its children.
CREATE TABLE issued (
  device INTEGER PRIMARY KEY,
  block INTEGER NOT NULL,
  unit INTEGER NOT NULL,
  certificate BLOB NOT NULL,
  at INTEGER NOT NULL
) STRICT;
