-- The expiring store of a service that runs without Redis.
CREATE TABLE expiring (
  name       TEXT   PRIMARY KEY,
  val        BYTEA  NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX expiring_by_time ON expiring (expires_at);
