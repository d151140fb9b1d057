// Package policy decides how strong a sign-in is. Proofs with their times go in; level,
// acr, amr and auth_time come out, of one pure function that every entrance uses.
//
// It knows nothing of accounts, requests or stores. Identity assurance (how well we know
// who owns the account) is another scale and lives with the account (domain.md §0.1).
package policy
