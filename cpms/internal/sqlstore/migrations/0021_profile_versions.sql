-- Every save of a profile, whole, with who made it. Those from before are known as they stood last.
CREATE TABLE profile_versions (
    person_id TEXT   NOT NULL REFERENCES people (id),
    version   BIGINT NOT NULL,
    by_id     TEXT   NOT NULL,
    at        BIGINT NOT NULL,
    page1     TEXT   NOT NULL,
    page2     TEXT   NOT NULL,
    PRIMARY KEY (person_id, version)
);
INSERT INTO profile_versions (person_id, version, by_id, at, page1, page2) SELECT person_id, version, person_id, updated_at, page1, page2 FROM profiles;
