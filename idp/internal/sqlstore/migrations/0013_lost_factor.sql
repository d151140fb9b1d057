-- guarded_at is when a second factor first guarded the account, 0 while none ever did. Losing the
-- factor does not take it back (domain.md row 18).
ALTER TABLE accounts ADD COLUMN guarded_at BIGINT NOT NULL DEFAULT 0;
UPDATE accounts SET guarded_at = updated_at WHERE
    EXISTS (SELECT 1 FROM devices d WHERE d.account_id = accounts.id)
    OR EXISTS (SELECT 1 FROM authenticators a WHERE a.account_id = accounts.id)
    OR EXISTS (SELECT 1 FROM webauthn_credentials w WHERE w.account_id = accounts.id)
    OR EXISTS (SELECT 1 FROM audit_events e WHERE e.subject = accounts.id AND (e.action = 'device.added'
        OR e.action = 'factor.added' AND e.detail NOT LIKE '%"recovery_code"%' AND e.detail NOT LIKE '%"sms"%'));

-- Requests of people who lost every second factor. At due_at, and not before, all of them can be
-- removed; digest is of the secret in the links that stop it. helpdesk says that two persons of
-- the helpdesk vouched for the person, instead of the time that others wait.
CREATE TABLE factor_losses (
    id         TEXT   NOT NULL PRIMARY KEY,
    account_id TEXT   NOT NULL REFERENCES accounts (id),
    asked_at   BIGINT NOT NULL,
    due_at     BIGINT NOT NULL,
    digest     TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    told_at    BIGINT NOT NULL,
    helpdesk   BOOLEAN NOT NULL,
    ended_at   BIGINT NOT NULL
);
CREATE UNIQUE INDEX factor_losses_waiting ON factor_losses (account_id) WHERE state = 'waiting';
CREATE UNIQUE INDEX factor_losses_by_digest ON factor_losses (digest);
CREATE INDEX factor_losses_by_due ON factor_losses (state, due_at);
