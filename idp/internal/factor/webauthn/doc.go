// Package webauthn is the factor "Security Keys, Trusted Platforms and Passkeys" (domain.md
// §1.1, row 11): credentials whose private key never leaves an authenticator, and whose
// signatures are bound to our own address, so that no other site can use them.
//
// It owns the credentials and the two ceremonies of Web Authentication Level 3 (adding one,
// §7.1, and signing in with one, §7.2). It does not own pages, the step of a sign-in that
// waits for the browser (package login), or how things are stored. The formats are those of
// github.com/go-webauthn/webauthn.
//
// Guarantees: a challenge counts once, also for parallel callers, and for five minutes; a
// credential signs in its own account only; a signature counter that goes back disables the
// credential; a person who is not named is asked for no credential by its id, so that nobody
// learns whether an account exists.
package webauthn
