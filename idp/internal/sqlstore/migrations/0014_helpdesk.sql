-- The helpdesk (domain.md row 40): who works there, what people ask, and what two agents do together.
CREATE TABLE helpdesk_agents (
    account_id TEXT   NOT NULL PRIMARY KEY REFERENCES accounts (id),
    since      BIGINT NOT NULL
);
CREATE TABLE helpdesk_tickets (
    id         TEXT   NOT NULL PRIMARY KEY,
    account_id TEXT   NOT NULL REFERENCES accounts (id),
    asked_at   BIGINT NOT NULL,
    text       TEXT   NOT NULL,
    closed_at  BIGINT NOT NULL,
    closed_by  TEXT   NOT NULL
);
CREATE INDEX helpdesk_tickets_open ON helpdesk_tickets (closed_at, asked_at);
CREATE INDEX helpdesk_tickets_by_account ON helpdesk_tickets (account_id, asked_at);
-- kind is "reset" (give every second factor up without the wait) or "key" (factor_id is a hardware
-- key seen in its owner's hand). An open case waits for an agent who is not opened_by.
CREATE TABLE helpdesk_cases (
    id         TEXT   NOT NULL PRIMARY KEY,
    account_id TEXT   NOT NULL REFERENCES accounts (id),
    kind       TEXT   NOT NULL,
    factor_id  TEXT   NOT NULL,
    reason     TEXT   NOT NULL,
    opened_at  BIGINT NOT NULL,
    opened_by  TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    ended_at   BIGINT NOT NULL,
    ended_by   TEXT   NOT NULL
);
CREATE UNIQUE INDEX helpdesk_cases_open ON helpdesk_cases (account_id, kind, factor_id) WHERE state = 'open';
CREATE INDEX helpdesk_cases_by_state ON helpdesk_cases (state, opened_at);
