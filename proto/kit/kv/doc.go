// Package kv is the expiring store: sign-in flows, sessions, codes, limits. Six verbs, each
// atomic; "taken once" is decided here and nowhere else.
//
// It has two engines: a table in the service's own database (the embedded default; a
// restart loses nothing) and Redis (every deployment with more than one replica). One
// conformance suite runs on both. It owns no record format: records carry their own expiry,
// checked against the caller's clock; the time to live here is garbage collection.
package kv
