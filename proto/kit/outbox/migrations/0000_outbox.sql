-- Messages on their way out. Rows with the same ordering key leave in the order of seq.
CREATE TABLE outbox (
  id          TEXT   PRIMARY KEY,
  seq         BIGINT NOT NULL,
  kind        TEXT   NOT NULL,
  ordering    TEXT   NOT NULL,
  payload     BYTEA  NOT NULL,
  created_at  BIGINT NOT NULL,
  due_at      BIGINT NOT NULL,
  attempts    BIGINT NOT NULL,
  lease_until BIGINT NOT NULL,
  dead        BOOLEAN NOT NULL
);
CREATE INDEX outbox_due ON outbox (dead, due_at);
CREATE INDEX outbox_order ON outbox (ordering, seq);
CREATE TABLE outbox_sequence (
  id   BIGINT PRIMARY KEY,
  last BIGINT NOT NULL
);
INSERT INTO outbox_sequence (id, last) VALUES (1, 0);
