// Package lostfactor is the way back for people who can show none of their second factors any
// more (domain.md row 18): the right password, a mailed link, and then a wait during which every
// known channel can stop it; or two persons of the helpdesk instead of the wait. At its end all
// verification methods are removed and the account is as if it had never had one.
//
// It adds no proof to any session and signs nobody in. Who signs in with a second factor
// meanwhile has not lost it, which stops it too. It does not own verification methods nor the
// check of the password (a Prover, the sign-in machine).
package lostfactor
