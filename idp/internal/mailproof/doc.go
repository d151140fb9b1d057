// Package mailproof proves that somebody reads a mailbox: a link that works once, and a
// code to type that stands for the same proof.
//
// A ticket is one such proof on its way, bound to purpose, account, address and, once
// proved, to one browser. Stores keep digests only. It owns the ticket's states and their
// limits in time and tries. It sends nothing and does not know what the proof is for:
// signup and recover do. All state is in the expiring store and outlives a restart.
package mailproof
