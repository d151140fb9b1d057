// Package session keeps who is signed in at idp in which browser: a list of proofs with
// their times, never a level.
//
// A session lives in the expiring store under its public id (`sid`), with the digest of its
// cookie's secret. The cookie changes at every sign-in and step-up; the public id stays. The
// package does not know requests, pages or what a proof is worth.
package session
