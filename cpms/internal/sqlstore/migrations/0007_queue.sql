-- The desk's queue: by state, by network and state, by hospital; and people by words of
-- their names, as bytes so that no collation matters.
CREATE INDEX requests_by_state ON requests (state, submitted_at, id);
CREATE INDEX requests_by_network ON requests (network, state, submitted_at, id);
CREATE INDEX requests_by_hospital ON requests (hospital, state, submitted_at, id);
CREATE TABLE person_words (
    word      BYTEA NOT NULL,
    person_id TEXT  NOT NULL REFERENCES people (id),
    PRIMARY KEY (word, person_id)
);
CREATE INDEX person_words_by_person ON person_words (person_id);
CREATE INDEX grants_by_place ON grants (network, hospital, ends_at);
