-- Clients that stand in the database, beside those of files (idp/docs/adr/0017). place is that of the
-- last change among all changes: replicas read what is above the place that they know. A removed one
-- stays as its id alone, which is never given again. token is the digest of the registration access token
-- (RFC 7592), initial_token the id of the token that it was registered with; '' where there is none.
CREATE TABLE clients (
    id            TEXT   NOT NULL PRIMARY KEY,
    metadata      TEXT   NOT NULL,
    state         TEXT   NOT NULL,
    version       BIGINT NOT NULL,
    place         BIGINT NOT NULL,
    token         TEXT   NOT NULL,
    initial_token TEXT   NOT NULL,
    created_at    BIGINT NOT NULL,
    created_by    TEXT   NOT NULL,
    changed_at    BIGINT NOT NULL
);
CREATE UNIQUE INDEX clients_by_place ON clients (place);

-- The one counter behind clients.place. Its row is locked until a change is committed, so that places
-- become visible in their order.
CREATE TABLE client_places (
    one  BIGINT NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL
);
INSERT INTO client_places (one, last) VALUES (1, 0);

-- Secrets of client_secret_jwt, sealed with the key-encryption key under their ids. ends_at 0: no end.
CREATE TABLE client_secrets (
    id         TEXT   NOT NULL PRIMARY KEY,
    client_id  TEXT   NOT NULL REFERENCES clients (id),
    sealed     BYTEA  NOT NULL,
    created_at BIGINT NOT NULL,
    ends_at    BIGINT NOT NULL
);
CREATE INDEX client_secrets_by_client ON client_secrets (client_id);

-- Initial access tokens (RFC 7591 §3), as digests. policy is what clients registered with one may have, as JSON.
CREATE TABLE initial_tokens (
    id         TEXT   NOT NULL PRIMARY KEY,
    digest     TEXT   NOT NULL,
    policy     TEXT   NOT NULL,
    uses_left  BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT   NOT NULL,
    ends_at    BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX initial_tokens_by_digest ON initial_tokens (digest);
