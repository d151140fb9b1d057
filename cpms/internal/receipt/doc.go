// Package receipt makes proofs of decisions that hold without this service: who decided what,
// when, how strongly signed in, over which version of a request and a digest of what it said.
//
// A receipt is a compact JWS (RFC 7515, ES256) over canonical JSON. The package owns its shape,
// the keys that sign (sealed at rest, one a year; public ones are published for ever), and the
// check; what a decision is, is access's.
package receipt
