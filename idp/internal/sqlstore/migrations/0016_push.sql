-- Where a phone is woken that is not open: the subscription of its browser (RFC 8030), sealed
-- under the key-encryption key, base64; empty: none.
ALTER TABLE devices ADD COLUMN push_target TEXT NOT NULL DEFAULT '';
