-- People, their profiles, and the roles that operators give. Times are microseconds UTC.
CREATE TABLE people (
    id          TEXT   NOT NULL PRIMARY KEY,
    issuer      TEXT   NOT NULL,
    subject     TEXT   NOT NULL,
    given_name  TEXT   NOT NULL,
    family_name TEXT   NOT NULL,
    email       TEXT   NOT NULL,
    mail_lang   TEXT   NOT NULL,
    assurance   BIGINT NOT NULL,
    status      TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);
CREATE UNIQUE INDEX people_by_key ON people (issuer, subject);

CREATE TABLE profiles (
    person_id  TEXT   NOT NULL PRIMARY KEY REFERENCES people (id),
    page1      TEXT   NOT NULL,
    page2      TEXT   NOT NULL,
    updated_at BIGINT NOT NULL,
    version    BIGINT NOT NULL
);

-- Roles are given to (issuer, subject), so that they can be given before the first sign-in.
CREATE TABLE roles (
    issuer   TEXT   NOT NULL,
    subject  TEXT   NOT NULL,
    role     TEXT   NOT NULL,
    network  TEXT   NOT NULL,
    given_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject, role, network)
);

-- Append-only: no statement of this service updates or deletes a row.
CREATE TABLE audit_events (
    id      TEXT   NOT NULL PRIMARY KEY,
    at      BIGINT NOT NULL,
    actor   TEXT   NOT NULL,
    subject TEXT   NOT NULL,
    action  TEXT   NOT NULL,
    object  TEXT   NOT NULL,
    detail  TEXT   NOT NULL
);
CREATE INDEX audit_by_object ON audit_events (object, at, id);
CREATE INDEX audit_by_subject ON audit_events (subject, at, id);
