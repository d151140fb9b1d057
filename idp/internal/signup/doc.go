// Package signup creates an account: the form, the mail that confirms the address, and
// the first password.
//
// What a visitor typed waits in the expiring store with the mail's ticket; an account
// exists only once the address is confirmed and a password chosen. Whether an address has
// an account already is told to nobody but the mailbox's owner. It does not own pages
// (web/join), tickets (mailproof) or the rule of passwords (factor/password).
package signup
