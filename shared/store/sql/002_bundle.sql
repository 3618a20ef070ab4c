-- What bundles (USB sticks) say of other devices. Local facts; losing them makes bundles longer.

-- The greatest sequence read in a bundle of a device, by its public key. An older bundle changes
-- nothing here (FORMATS.md, Bundle).
CREATE TABLE bundle_peer (
  key BLOB NOT NULL PRIMARY KEY, -- 32 bytes
  sequence INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A device's tips in a scope, as its newest bundle said: what it need not be sent again.
CREATE TABLE bundle_claim (
  key BLOB NOT NULL,
  unit INTEGER NOT NULL,
  channel INTEGER NOT NULL,
  tips BLOB NOT NULL,            -- points of 24 bytes: writer, counter (big-endian), 8 bytes of hash
  PRIMARY KEY (key, unit, channel)
) STRICT, WITHOUT ROWID;
