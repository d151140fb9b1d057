// Package clientkeys reads the public keys of clients that keep them at an address of their own (jwks_uri,
// RFC 7591 §2).
//
// The address is a stranger's: only the public internet is called, without redirections, for five seconds
// and 64 KiB at most (security case 39). Whoever asks for a key that does not exist causes one reading in
// half a minute, not one for each request (security case 44). A client whose address does not answer keeps
// the keys that were read last, for a day.
package clientkeys
