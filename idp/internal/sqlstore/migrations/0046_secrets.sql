-- Secrets of this service that are drawn once and must stay what they are, sealed under the key-encryption key
-- and bound to their names. Times are microseconds UTC.
CREATE TABLE secrets (
    name       TEXT   NOT NULL PRIMARY KEY,
    sealed     BYTEA  NOT NULL,
    created_at BIGINT NOT NULL
);
