-- Signing keys may be withdrawn (0 is not), which leaves nothing of the private half; and each says who opens it.
ALTER TABLE signing_keys ADD COLUMN withdrawn_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE signing_keys ADD COLUMN keeper TEXT NOT NULL DEFAULT 'store';
