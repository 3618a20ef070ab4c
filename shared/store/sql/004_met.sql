-- Devices that were let in here, by the network or a stick, when no key above theirs was revoked: they
-- work on after one was. Table certificate has those of streams as well, which prove nothing of that.
CREATE TABLE met (
  certificate INTEGER PRIMARY KEY REFERENCES certificate (no)
) STRICT;
