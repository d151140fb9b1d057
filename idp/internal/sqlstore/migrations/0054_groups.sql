-- The groups that an operator put a person into: their names, sorted, with one space between.
ALTER TABLE accounts ADD COLUMN member_of TEXT NOT NULL DEFAULT '';
