-- The algorithm of a signing key (RFC 7518 §3.1). Generations stay unique among all: of two replicas one makes the next key.
ALTER TABLE signing_keys ADD COLUMN algorithm TEXT NOT NULL DEFAULT 'ES256';
