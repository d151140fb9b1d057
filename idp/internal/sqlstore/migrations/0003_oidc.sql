-- Signing keys, sealed with the key-encryption key.
CREATE TABLE signing_keys (
    generation  BIGINT NOT NULL PRIMARY KEY,
    kid         TEXT   NOT NULL,
    private     BYTEA  NOT NULL,
    active_from BIGINT NOT NULL,
    created_at  BIGINT NOT NULL
);
CREATE UNIQUE INDEX signing_keys_by_kid ON signing_keys (kid);

-- Refresh families: one row for each sign-in with offline_access. Digests only.
CREATE TABLE refresh_families (
    id         TEXT   NOT NULL PRIMARY KEY,
    client_id  TEXT   NOT NULL,
    account_id TEXT   NOT NULL,
    sid        TEXT   NOT NULL,
    scopes     TEXT   NOT NULL,
    acr        TEXT   NOT NULL,
    amr        TEXT   NOT NULL,
    auth_time  BIGINT NOT NULL,
    current    TEXT   NOT NULL,
    previous   TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    rotated_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL,
    revoked_for TEXT  NOT NULL
);
CREATE INDEX refresh_families_by_account ON refresh_families (account_id, sid);
