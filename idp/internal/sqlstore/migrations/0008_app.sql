-- What a phone without a network answers with: the key that it shares with the service, and
-- what that key makes of the PIN; both sealed under the key-encryption key, base64. Empty:
-- not agreed yet.
ALTER TABLE devices ADD COLUMN offline_key TEXT NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN offline_pin TEXT NOT NULL DEFAULT '';
