// Package audit names what is written down for ever: who did what to whom, and how strongly
// they were signed in (domain.md row 39).
//
// It is not logging: an event is written in the transaction of its cause, rows are only ever
// added, and they name people by ids, never by names or addresses, so that the trail stays
// when a person is erased. Each carries a digest over itself and the one before it (Link):
// nothing can be changed, removed or put in between unseen.
package audit
