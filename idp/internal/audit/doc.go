// Package audit is the record of who did what to whose account: append-only events with
// one constructor for each action.
//
// It owns the events' names and details. Writing them is the store's, always in the
// transaction of the change itself. It is not logging: events hold account ids and
// masked values, never a secret, a code, a token, an address or a phone number in full.
// Areas with actions of their own add a file here (for example devices.go).
package audit
