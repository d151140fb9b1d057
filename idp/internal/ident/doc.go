// Package ident makes and compares the names of things: account ids, random tokens and
// their digests, short codes that people type, and the key under which an e-mail address
// is looked up.
//
// It owns no storage and no rule about who may do what. Randomness comes in as a reader.
package ident
