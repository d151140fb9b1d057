-- Sign-in history: one row for each attempt that reached a decision. account_id is empty
-- when the address belongs to nobody.
CREATE TABLE signin_history (
    id         TEXT   NOT NULL PRIMARY KEY,
    at         BIGINT NOT NULL,
    account_id TEXT   NOT NULL,
    service    TEXT   NOT NULL,
    browser    TEXT   NOT NULL,
    address    TEXT   NOT NULL,
    methods    TEXT   NOT NULL,
    level      TEXT   NOT NULL,
    outcome    TEXT   NOT NULL
);
CREATE INDEX signin_history_by_account ON signin_history (account_id, at, id);
