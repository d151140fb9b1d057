// Package recover replaces a forgotten password: a link by mail, a second factor if the
// account has one, then the new password.
//
// Recovery adds no proof to any session and signs nobody in; it ends every session and
// every refresh token of the account. It works while wrong guesses have locked signing
// in. It does not own the second factor's verification (a Prover, the sign-in machine)
// nor the rule of passwords.
package recover
