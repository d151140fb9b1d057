-- Mobile devices: phones that were initialised, one row for each pair of phone and account.
-- public_key is a JWK, key_thumbprint its RFC 7638 digest; pin_hash is an encoded Argon2id
-- hash. pin_failures counts PINs that were taken in since the last right one.
CREATE TABLE devices (
    id             TEXT   NOT NULL PRIMARY KEY,
    account_id     TEXT   NOT NULL REFERENCES accounts (id),
    name           TEXT   NOT NULL,
    number         TEXT   NOT NULL,
    system         TEXT   NOT NULL,
    public_key     TEXT   NOT NULL,
    key_thumbprint TEXT   NOT NULL,
    pin_hash       TEXT   NOT NULL,
    pin_failures   BIGINT NOT NULL,
    status         TEXT   NOT NULL,
    added_at       BIGINT NOT NULL,
    last_used_at   BIGINT NOT NULL
);
CREATE UNIQUE INDEX devices_by_key ON devices (key_thumbprint);
CREATE INDEX devices_by_account ON devices (account_id, added_at, id);
