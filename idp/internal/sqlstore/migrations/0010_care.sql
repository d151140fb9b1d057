-- Changes of verification methods that can be undone for a time by a mailed link. Digests only.
CREATE TABLE factor_changes (
    id         TEXT   NOT NULL PRIMARY KEY,
    account_id TEXT   NOT NULL REFERENCES accounts (id),
    at         BIGINT NOT NULL,
    action     TEXT   NOT NULL,
    method     TEXT   NOT NULL,
    factor_id  TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    digest     TEXT   NOT NULL,
    undone_at  BIGINT NOT NULL
);
CREATE UNIQUE INDEX factor_changes_by_digest ON factor_changes (digest);
CREATE INDEX factor_changes_by_time ON factor_changes (at);

-- A removed device counts for nothing and can be brought back for a time.
ALTER TABLE devices ADD COLUMN removed_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX devices_by_removal ON devices (removed_at);

-- Former e-mail addresses: their owners hear of what happens for a time, and can take the
-- change back by a mailed link.
CREATE TABLE email_changes (
    id         TEXT   NOT NULL PRIMARY KEY,
    account_id TEXT   NOT NULL REFERENCES accounts (id),
    at         BIGINT NOT NULL,
    old_email  TEXT   NOT NULL,
    old_key    TEXT   NOT NULL,
    new_email  TEXT   NOT NULL,
    digest     TEXT   NOT NULL,
    undone_at  BIGINT NOT NULL
);
CREATE UNIQUE INDEX email_changes_by_digest ON email_changes (digest);
CREATE INDEX email_changes_by_account ON email_changes (account_id, at);
