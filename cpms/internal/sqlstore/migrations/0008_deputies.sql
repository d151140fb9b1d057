-- Who approved first may have stood in for somebody; and who stands in for whom, and when.
ALTER TABLE approvals ADD COLUMN for_id TEXT NOT NULL DEFAULT '';
CREATE TABLE deputies (
    id             TEXT   NOT NULL PRIMARY KEY,
    network        TEXT   NOT NULL,
    coordinator_id TEXT   NOT NULL REFERENCES people (id),
    deputy_id      TEXT   NOT NULL REFERENCES people (id),
    from_at        BIGINT NOT NULL,
    until_at       BIGINT NOT NULL,
    made_at        BIGINT NOT NULL,
    ended_at       BIGINT NOT NULL
);
CREATE INDEX deputies_by_deputy ON deputies (deputy_id, until_at);
CREATE INDEX deputies_by_coordinator ON deputies (coordinator_id, until_at);
CREATE INDEX deputies_by_network ON deputies (network, until_at);
CREATE INDEX people_by_email ON people (lower(email));
CREATE INDEX roles_by_network ON roles (role, network);
CREATE INDEX grants_by_role ON grants (role, network, ends_at);
