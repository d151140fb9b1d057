-- What requester and desk wrote to each other about a request: remarks, questions and answers.
CREATE TABLE remarks (
    id         TEXT    NOT NULL PRIMARY KEY,
    request_id TEXT    NOT NULL REFERENCES requests (id),
    by_id      TEXT    NOT NULL REFERENCES people (id),
    side       TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    private    BOOLEAN NOT NULL,
    text       TEXT    NOT NULL,
    at         BIGINT  NOT NULL
);
CREATE INDEX remarks_by_request ON remarks (request_id, at, id);
CREATE INDEX remarks_by_person ON remarks (by_id);
-- When the latest mail about remarks went to somebody, or will go.
CREATE TABLE remark_mails (
    request_id TEXT   NOT NULL REFERENCES requests (id),
    person_id  TEXT   NOT NULL REFERENCES people (id),
    at         BIGINT NOT NULL,
    PRIMARY KEY (request_id, person_id)
);
CREATE INDEX remark_mails_by_person ON remark_mails (person_id);
-- The questions and answers from before: the latest of each request is all that was kept. Who
-- asked and when stands in the audit trail.
INSERT INTO remarks (id, request_id, by_id, side, kind, private, text, at)
    SELECT r.id || '-question', r.id, e.actor, 'coordinator', 'question', FALSE, r.question, e.at FROM requests r
    JOIN audit_events e ON e.object = r.id AND e.action = 'request.more_info' JOIN people p ON p.id = e.actor
    WHERE r.question <> '' AND NOT EXISTS (SELECT 1 FROM audit_events n WHERE n.object = r.id AND n.action = e.action AND (n.at > e.at OR n.at = e.at AND n.id > e.id));
INSERT INTO remarks (id, request_id, by_id, side, kind, private, text, at)
    SELECT r.id || '-answer', r.id, r.person_id, 'requester', 'answer', FALSE, r.answer, e.at FROM requests r
    JOIN audit_events e ON e.object = r.id AND e.action = 'request.answer'
    WHERE r.answer <> '' AND NOT EXISTS (SELECT 1 FROM audit_events n WHERE n.object = r.id AND n.action = e.action AND (n.at > e.at OR n.at = e.at AND n.id > e.id));
