-- The audit trail becomes a chain: a number, and a digest over the event and the digest before
-- it. Events from before the chain have the number 0; how many they are is kept.
ALTER TABLE audit_events ADD COLUMN seq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE audit_events ADD COLUMN digest TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX audit_by_seq ON audit_events (seq) WHERE seq > 0;

-- One row: the end of the chain. A writer takes it until its transaction ends.
CREATE TABLE audit_head (
    id     BIGINT NOT NULL PRIMARY KEY,
    seq    BIGINT NOT NULL,
    digest TEXT   NOT NULL,
    before BIGINT NOT NULL
);
INSERT INTO audit_head (id, seq, digest, before) SELECT 1, 0, '', COUNT(*) FROM audit_events;

-- First approvals of requests that need two. One counts only for the version that it made.
CREATE TABLE approvals (
    request_id TEXT   NOT NULL REFERENCES requests (id),
    version    BIGINT NOT NULL,
    by_id      TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    PRIMARY KEY (request_id, version)
);

-- Signed receipts of decisions, and the keys that signed them: private keys are sealed and go
-- when a key is succeeded, public ones stay.
CREATE TABLE receipts (
    request_id TEXT   NOT NULL REFERENCES requests (id),
    version    BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    jws        TEXT   NOT NULL,
    PRIMARY KEY (request_id, version)
);
CREATE TABLE receipt_keys (
    generation  BIGINT NOT NULL PRIMARY KEY,
    kid         TEXT   NOT NULL,
    sealed      BYTEA  NOT NULL,
    public_key  BYTEA  NOT NULL,
    active_from BIGINT NOT NULL
);

-- The queue of somebody who decides for all networks, oldest first.
CREATE INDEX requests_open_all ON requests (submitted_at, id) WHERE state IN ('submitted', 'more_info');
