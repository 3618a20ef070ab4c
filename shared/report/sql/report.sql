-- Counters of report 1, one row a unit, period and kind; a function of the households' facts.
DROP TABLE IF EXISTS counter;
CREATE TABLE counter (
  unit INTEGER NOT NULL,        -- the unit that owns the households, a village as a rule
  period TEXT NOT NULL,         -- '' for the register itself
  kind INTEGER NOT NULL,        -- PovertyClass of the period; 0 with period '' for all households
  households INTEGER NOT NULL,
  persons INTEGER NOT NULL,     -- members that are there
  PRIMARY KEY (unit, period, kind)
) STRICT, WITHOUT ROWID;
