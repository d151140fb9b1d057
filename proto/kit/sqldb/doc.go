// Package sqldb opens the durable store of a service, SQLite or PostgreSQL, so that one
// portable SQL text runs on both (idp/docs/adr, architecture: "two SQL dialects").
//
// It owns the connection, transactions with their retries, the translation of driver errors
// and the migrations. It owns no table except its own list of applied migrations.
//
// The portable text: binds are $1, $2, …; times are BIGINT microseconds; types are TEXT,
// BIGINT, BOOLEAN and BYTEA; no now(), LIKE, FOR UPDATE or JSON operators; concurrency is a
// version column or a conditional UPDATE whose RowsAffected is looked at.
package sqldb
