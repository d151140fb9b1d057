// Package pairwise gives the sub by which a client knows a person, and the sid by which it knows the person's
// session (OpenID Connect Core §8). A public client has both as they are. Pairwise clients of one sector have
// the same ones, and those of two sectors cannot tell from them that they know the same person.
//
// It owns the secret behind that. A pairwise sub is the account, encrypted under a key of the sector: nothing
// is stored for it, it never changes, and idp alone reads it again. The secret is drawn once, and kept sealed
// in the database (idp/docs/adr/0015): with another one everybody would be a stranger everywhere.
package pairwise
