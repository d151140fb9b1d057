-- Requests of people to erase their account: erased when due_at is over, unless stopped before.
-- Of the link that stops one a digest is kept. The row stays, under identifiers alone, as the
-- record behind the receipt. Times are microseconds UTC; 0: not yet.
CREATE TABLE erasures (
    id         TEXT   NOT NULL PRIMARY KEY,
    account_id TEXT   NOT NULL REFERENCES accounts (id),
    asked_at   BIGINT NOT NULL,
    due_at     BIGINT NOT NULL,
    digest     TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    ended_at   BIGINT NOT NULL
);
CREATE UNIQUE INDEX erasures_waiting ON erasures (account_id) WHERE state = 'waiting';
CREATE UNIQUE INDEX erasures_by_digest ON erasures (digest);
CREATE INDEX erasures_due ON erasures (due_at) WHERE state = 'waiting';
