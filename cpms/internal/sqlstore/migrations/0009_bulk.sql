-- Decisions about several requests at once: what was chosen, and what became of each. mails are
-- the messages that wait in the outbox until nothing can be undone any more.
CREATE TABLE bulks (
    id      TEXT   NOT NULL PRIMARY KEY,
    by_id   TEXT   NOT NULL REFERENCES people (id),
    command TEXT   NOT NULL,
    text    TEXT   NOT NULL,
    made_at BIGINT NOT NULL
);
CREATE INDEX bulks_by_person ON bulks (by_id, made_at);
CREATE TABLE bulk_items (
    bulk_id    TEXT   NOT NULL REFERENCES bulks (id),
    request_id TEXT   NOT NULL REFERENCES requests (id),
    version    BIGINT NOT NULL,
    result     TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    from_state TEXT   NOT NULL,
    mails      TEXT   NOT NULL,
    PRIMARY KEY (bulk_id, request_id)
);
CREATE INDEX bulk_items_by_request ON bulk_items (request_id);
