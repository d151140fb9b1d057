// Package signing holds idp's signing keys: made, sealed, published ahead, rotated, retired.
//
// Each algorithm has a line of keys of its own, begun when the first client registers for it.
// Private keys are sealed with a key-encryption key before they reach a store, parsed once,
// and held in memory. The package owns the key set that is published (RFC 7517) and the
// making of signed tokens; what stands in a token is its caller's.
package signing
