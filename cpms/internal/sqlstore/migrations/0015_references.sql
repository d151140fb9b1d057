-- What a named sponsor or hospital representative says about a request, by a link in a mail.
-- Of the link only a digest is kept. Times are microseconds UTC; 0: not yet.
CREATE TABLE request_references (
    request_id  TEXT   NOT NULL PRIMARY KEY REFERENCES requests (id),
    name        TEXT   NOT NULL,
    email       TEXT   NOT NULL,
    digest      TEXT   NOT NULL,
    asked_at    BIGINT NOT NULL,
    ends_at     BIGINT NOT NULL,
    answered_at BIGINT NOT NULL,
    answer      TEXT   NOT NULL,
    words       TEXT   NOT NULL
);
CREATE UNIQUE INDEX request_references_by_digest ON request_references (digest);
