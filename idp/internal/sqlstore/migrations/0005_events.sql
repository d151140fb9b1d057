-- How many events other services were sent about each subject.
CREATE TABLE event_sequence (
    subject TEXT   NOT NULL PRIMARY KEY,
    last    BIGINT NOT NULL
);
