-- The authenticator of a phone itself, that can stand for the PIN in the app: its credential id
-- and public key (COSE), base64; empty: switched off. bio_failures counts answers that were
-- taken in since the last right one.
ALTER TABLE devices ADD COLUMN bio_credential TEXT NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN bio_key TEXT NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN bio_backup BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE devices ADD COLUMN bio_counter BIGINT NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN bio_failures BIGINT NOT NULL DEFAULT 0;
