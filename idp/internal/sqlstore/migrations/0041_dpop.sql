-- The key that a public client's refresh tokens are bound to (RFC 9449 §5), as a thumbprint (RFC 7638); '' is none.
ALTER TABLE refresh_families ADD COLUMN jkt TEXT NOT NULL DEFAULT '';
