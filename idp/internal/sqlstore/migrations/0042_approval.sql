-- What the person's sign-in gave, whole, as JSON; '' in rows of former releases: their columns say it.
ALTER TABLE refresh_families ADD COLUMN approval TEXT NOT NULL DEFAULT '';
