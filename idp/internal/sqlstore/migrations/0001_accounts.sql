-- Accounts and what belongs to them. Times are microseconds since 1970 in UTC.
CREATE TABLE accounts (
    id              TEXT    NOT NULL PRIMARY KEY,
    given_name      TEXT    NOT NULL,
    family_name     TEXT    NOT NULL,
    email           TEXT    NOT NULL,
    email_key       TEXT    NOT NULL,
    mail_lang       TEXT    NOT NULL,
    status          TEXT    NOT NULL,
    assurance       BIGINT  NOT NULL,
    always_mfa      BOOLEAN NOT NULL,
    privacy_version TEXT    NOT NULL,
    created_at      BIGINT  NOT NULL,
    updated_at      BIGINT  NOT NULL,
    version         BIGINT  NOT NULL
);
CREATE UNIQUE INDEX accounts_by_email ON accounts (email_key);

-- One password per account, as an encoded Argon2id hash with its parameters.
CREATE TABLE passwords (
    account_id TEXT   NOT NULL PRIMARY KEY REFERENCES accounts (id),
    hash       TEXT   NOT NULL,
    changed_at BIGINT NOT NULL
);

-- Mobile phone numbers in E.164, each confirmed by a challenge code.
CREATE TABLE numbers (
    id         TEXT   NOT NULL PRIMARY KEY,
    account_id TEXT   NOT NULL REFERENCES accounts (id),
    number     TEXT   NOT NULL,
    added_at   BIGINT NOT NULL
);
CREATE UNIQUE INDEX numbers_by_account ON numbers (account_id, number);

-- Append-only: no statement of this service updates or deletes a row.
CREATE TABLE audit_events (
    id      TEXT   NOT NULL PRIMARY KEY,
    at      BIGINT NOT NULL,
    actor   TEXT   NOT NULL,
    subject TEXT   NOT NULL,
    action  TEXT   NOT NULL,
    detail  TEXT   NOT NULL
);
CREATE INDEX audit_events_by_subject ON audit_events (subject, at, id);
