// Package address changes the e-mail address and the name of an account (domain.md row 21).
//
// A new address counts only after its owner, signed in to the same account, followed the link
// that was mailed there. The former address is told at once and can take the change back for
// seven days, without being signed in. The account's id never changes.
package address
