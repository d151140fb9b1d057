-- The preference "Enable adaptive authentication" (domain.md row 20).
ALTER TABLE accounts ADD COLUMN adaptive BOOLEAN NOT NULL DEFAULT FALSE;
