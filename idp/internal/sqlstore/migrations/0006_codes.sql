-- Authenticator apps (RFC 6238). seed is sealed with the key-encryption key under the row's id;
-- last_step is the newest time step whose code was used. removed_at is 0 while the app counts.
CREATE TABLE authenticators (
    id           TEXT   NOT NULL PRIMARY KEY,
    account_id   TEXT   NOT NULL REFERENCES accounts (id),
    name         TEXT   NOT NULL,
    seed         BYTEA  NOT NULL,
    last_step    BIGINT NOT NULL,
    added_at     BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    removed_at   BIGINT NOT NULL
);
CREATE INDEX authenticators_by_account ON authenticators (account_id, added_at, id);
CREATE INDEX authenticators_by_removal ON authenticators (removed_at);

-- Recovery codes: the sets, of which an account has at most one that counts, and their codes as
-- salted digests. used_at is 0 while a code can be used.
CREATE TABLE recovery_sets (
    id           TEXT   NOT NULL PRIMARY KEY,
    account_id   TEXT   NOT NULL REFERENCES accounts (id),
    issued_at    BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    removed_at   BIGINT NOT NULL
);
CREATE UNIQUE INDEX recovery_sets_living ON recovery_sets (account_id) WHERE removed_at = 0;
CREATE INDEX recovery_sets_by_removal ON recovery_sets (removed_at);
CREATE TABLE recovery_codes (
    set_id  TEXT   NOT NULL REFERENCES recovery_sets (id),
    place   BIGINT NOT NULL,
    digest  TEXT   NOT NULL,
    used_at BIGINT NOT NULL,
    PRIMARY KEY (set_id, place)
);

-- Numbers are kept for a time after their removal, too; the same number can be added again.
ALTER TABLE numbers ADD COLUMN last_used_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE numbers ADD COLUMN removed_at BIGINT NOT NULL DEFAULT 0;
DROP INDEX numbers_by_account;
CREATE UNIQUE INDEX numbers_living ON numbers (account_id, number) WHERE removed_at = 0;
CREATE INDEX numbers_by_removal ON numbers (removed_at);
