// Package sqlstore keeps what lasts, in SQLite or PostgreSQL, in one portable SQL text.
//
// One file per noun implements the port that the noun's package declares. Every write is
// one business write: state, audit events and messages in one transaction, through
// record. No transaction leaves the package. It owns the migrations and the SQL; it owns
// no rule about who may do what, and nothing that expires (that is kit/kv).
package sqlstore
