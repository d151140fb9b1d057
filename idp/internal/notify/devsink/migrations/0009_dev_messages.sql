-- Mails and text messages of the development profile.
CREATE TABLE dev_messages (
    id      TEXT   NOT NULL PRIMARY KEY,
    at      BIGINT NOT NULL,
    kind    TEXT   NOT NULL,
    to_addr TEXT   NOT NULL,
    subject TEXT   NOT NULL,
    text    TEXT   NOT NULL,
    html    TEXT   NOT NULL
);
CREATE INDEX dev_messages_by_time ON dev_messages (at, id);
