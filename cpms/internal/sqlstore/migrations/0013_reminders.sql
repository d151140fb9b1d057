-- What was told of a request that waits: each stage once for each version, that is for each time
-- that it came to wait.
CREATE TABLE request_reminders (
    request_id TEXT   NOT NULL REFERENCES requests (id),
    version    BIGINT NOT NULL,
    stage      TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    PRIMARY KEY (request_id, version, stage)
);
-- Requests that wait are found by how long.
CREATE INDEX requests_waiting ON requests (updated_at, id) WHERE state IN ('submitted', 'more_info');
