-- Projections of the register: a function of the state, dropped and rebuilt at will.
DROP TABLE IF EXISTS household;
DROP TABLE IF EXISTS assessment;
DROP TABLE IF EXISTS citizen;
DROP TABLE IF EXISTS conflict;
DROP TABLE IF EXISTS continuation;

-- One row a household, removed ones too.
CREATE TABLE household (
  id INTEGER PRIMARY KEY,      -- row id of the entity
  unit INTEGER NOT NULL,       -- number of the unit that owns it
  there INTEGER NOT NULL,      -- 1: it is there (or disputed, and shown as there)
  counted INTEGER NOT NULL,    -- 1: the same, and not moved
  moved INTEGER NOT NULL,      -- 1: one that is in the register continues it
  members INTEGER NOT NULL,    -- members that are there
  heads INTEGER NOT NULL,      -- of them, marked as head of household
  code TEXT NOT NULL,          -- as shown; '' where it has none
  sort BLOB NOT NULL,          -- key of the head's name, Vietnamese order
  search TEXT NOT NULL         -- folded: its own search fields, then its members', a line each
) STRICT;
CREATE INDEX household_unit ON household (unit);

-- One row an assessment.
CREATE TABLE assessment (
  id INTEGER PRIMARY KEY,
  household INTEGER NOT NULL,
  period TEXT NOT NULL,
  class INTEGER NOT NULL,      -- PovertyClass: 0 unknown, 1 poor, 2 near-poor, 3 average farm, 4 not poor
  findings INTEGER NOT NULL,   -- bits of Finding
  there INTEGER NOT NULL,      -- 1: not removed
  counted INTEGER NOT NULL     -- 1: the one that counts for its household and period
) STRICT;
CREATE INDEX assessment_household ON assessment (household);

-- Numbers of citizens, for findings alone.
CREATE TABLE citizen (
  id INTEGER PRIMARY KEY,      -- household or member
  household INTEGER NOT NULL,
  number TEXT NOT NULL
) STRICT;
CREATE INDEX citizen_number ON citizen (number);
CREATE INDEX citizen_household ON citizen (household);

-- Households that continue another, of this unit or, as a rule, of one that they moved from.
CREATE TABLE continuation (
  id INTEGER PRIMARY KEY,      -- row id of the new one
  unit INTEGER NOT NULL,       -- of the new one
  self TEXT NOT NULL,          -- both names in full: the old one may not be here
  old TEXT NOT NULL,
  author INTEGER NOT NULL,     -- unit and rights of its author's certificate
  rights INTEGER NOT NULL,
  there INTEGER NOT NULL,      -- 1: the new one is in the register
  covered INTEGER NOT NULL     -- 1: its author may write both units, as far as the tree is known
) STRICT;
CREATE INDEX continuation_old ON continuation (old);

-- Entities with something to settle: the inbox, one line an entity.
CREATE TABLE conflict (
  id INTEGER PRIMARY KEY,
  unit INTEGER NOT NULL,
  household INTEGER NOT NULL   -- itself, or the household that it belongs to
) STRICT;
