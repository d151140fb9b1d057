-- The last event of idp that was applied for each subject.
CREATE TABLE inbox (
    issuer   TEXT   NOT NULL,
    subject  TEXT   NOT NULL,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);
