// Package farewell is what a browser sees when a session in it has ended: which services were told,
// which are told by this very page (OpenID Connect Front-Channel Logout 1.0), and which know
// nothing. Every area in which people sign out shows it.
//
// It ends no session, and decides about no address to go on to: callers do.
package farewell
