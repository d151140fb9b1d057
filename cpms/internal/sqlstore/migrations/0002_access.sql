-- Access requests and the grants that follow.
CREATE TABLE requests (
    id            TEXT    NOT NULL PRIMARY KEY,
    person_id     TEXT    NOT NULL REFERENCES people (id),
    network       TEXT    NOT NULL,
    country       TEXT    NOT NULL,
    hospital      TEXT    NOT NULL,
    role          TEXT    NOT NULL,
    justification TEXT    NOT NULL,
    sponsor_name  TEXT    NOT NULL,
    sponsor_email TEXT    NOT NULL,
    duration_days BIGINT  NOT NULL,
    declaration   BOOLEAN NOT NULL,
    terms         BOOLEAN NOT NULL,
    state         TEXT    NOT NULL,
    question      TEXT    NOT NULL,
    answer        TEXT    NOT NULL,
    reason        TEXT    NOT NULL,
    terms_version TEXT    NOT NULL,
    assurance     BIGINT  NOT NULL,
    acr           TEXT    NOT NULL,
    created_at    BIGINT  NOT NULL,
    updated_at    BIGINT  NOT NULL,
    submitted_at  BIGINT  NOT NULL,
    decided_at    BIGINT  NOT NULL,
    decided_by    TEXT    NOT NULL,
    version       BIGINT  NOT NULL
);
CREATE INDEX requests_by_person ON requests (person_id, created_at, id);
CREATE INDEX requests_open ON requests (network, submitted_at, id) WHERE state IN ('submitted', 'more_info');
-- One open request for each person, network and role, whatever races.
CREATE UNIQUE INDEX requests_one_open ON requests (person_id, network, role) WHERE state IN ('submitted', 'more_info');

CREATE TABLE grants (
    id           TEXT    NOT NULL PRIMARY KEY,
    person_id    TEXT    NOT NULL REFERENCES people (id),
    request_id   TEXT    NOT NULL,
    network      TEXT    NOT NULL,
    role         TEXT    NOT NULL,
    hospital     TEXT    NOT NULL,
    starts_at    BIGINT  NOT NULL,
    ends_at      BIGINT  NOT NULL,
    suspended_at BIGINT  NOT NULL,
    revoked_at   BIGINT  NOT NULL,
    warned_14    BOOLEAN NOT NULL,
    warned_3     BOOLEAN NOT NULL,
    closed       BOOLEAN NOT NULL
);
CREATE UNIQUE INDEX grants_by_request ON grants (request_id);
CREATE INDEX grants_by_person ON grants (person_id);
CREATE INDEX grants_by_end ON grants (closed, ends_at);
