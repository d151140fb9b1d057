// Package account is the person's record: a name, one e-mail address, the language of
// mails, and a status. Its id is the `sub` of every token and never changes.
//
// It owns what makes an account valid and the port that stores it. It does not own
// proofs (factor/*), sessions, or the journeys that create and change accounts (signup,
// recover, manage). How strongly somebody signed in is no business of this package.
package account
