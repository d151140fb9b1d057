-- Which edition of terms and privacy statement somebody accepted, and when first.
CREATE TABLE terms_accepted (
    person_id TEXT   NOT NULL REFERENCES people (id),
    edition   TEXT   NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (person_id, edition)
);
INSERT INTO terms_accepted (person_id, edition, at)
    SELECT r.person_id, r.terms_version, MIN(r.submitted_at) FROM requests r JOIN people p ON p.id = r.person_id
    WHERE r.terms_version <> '' AND r.submitted_at > 0 AND p.status <> 'erased' GROUP BY r.person_id, r.terms_version;
