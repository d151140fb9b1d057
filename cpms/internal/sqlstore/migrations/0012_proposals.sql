-- Coordinators that one administrator proposed and another has not confirmed yet.
CREATE TABLE role_proposals (
    person_id TEXT   NOT NULL REFERENCES people (id),
    network   TEXT   NOT NULL,
    by_id     TEXT   NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (person_id, network)
);
