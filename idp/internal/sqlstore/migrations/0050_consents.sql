-- What each service may know of each person: one row for each claim, for "sub" (the service as a
-- whole) and "offline_access". An entry is given while agreed_at is later than ended_at. Times are
-- microseconds UTC; 0: never. told_at is the start of a day.
CREATE TABLE consents (
    account_id TEXT    NOT NULL REFERENCES accounts (id),
    client_id  TEXT    NOT NULL,
    claim      TEXT    NOT NULL,
    page       TEXT    NOT NULL,
    essential  BOOLEAN NOT NULL,
    agreed_at  BIGINT  NOT NULL,
    told_at    BIGINT  NOT NULL,
    ended_at   BIGINT  NOT NULL,
    ended_for  TEXT    NOT NULL,
    PRIMARY KEY (account_id, client_id, claim)
);
