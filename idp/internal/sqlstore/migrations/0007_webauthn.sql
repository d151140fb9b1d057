-- Security keys, trusted platforms and passkeys (WebAuthn §4, credential record). public_key
-- is a COSE_Key, counter the signature counter as last seen. removed_at is 0 while the
-- credential lives; issued_at is 0 unless helpdesk persons confirmed it.
CREATE TABLE webauthn_credentials (
    id              TEXT    NOT NULL PRIMARY KEY,
    account_id      TEXT    NOT NULL REFERENCES accounts (id),
    name            TEXT    NOT NULL,
    credential_id   BYTEA   NOT NULL,
    public_key      BYTEA   NOT NULL,
    aaguid          BYTEA   NOT NULL,
    transports      TEXT    NOT NULL,
    attachment      TEXT    NOT NULL,
    verifies        BOOLEAN NOT NULL,
    backup_eligible BOOLEAN NOT NULL,
    backed_up       BOOLEAN NOT NULL,
    attested        BOOLEAN NOT NULL,
    counter         BIGINT  NOT NULL,
    status          TEXT    NOT NULL,
    added_at        BIGINT  NOT NULL,
    last_used_at    BIGINT  NOT NULL,
    issued_at       BIGINT  NOT NULL,
    removed_at      BIGINT  NOT NULL
);
CREATE UNIQUE INDEX webauthn_credentials_by_credential ON webauthn_credentials (credential_id);
CREATE INDEX webauthn_credentials_by_account ON webauthn_credentials (account_id, added_at, id);
CREATE INDEX webauthn_credentials_by_removal ON webauthn_credentials (removed_at);

-- What authenticators know an account by: a random number that is used nowhere else.
CREATE TABLE webauthn_handles (
    account_id TEXT  NOT NULL PRIMARY KEY REFERENCES accounts (id),
    handle     BYTEA NOT NULL
);
CREATE UNIQUE INDEX webauthn_handles_by_handle ON webauthn_handles (handle);
