// Package session keeps who is signed in to cpms in which browser, and with what strength.
//
// A session lives in the expiring store under the digest of its cookie. It keeps what idp
// said (acr, auth_time, sid) and no conclusion: whether that is enough for an action is
// computed at each action. It owns no person's data beside the key (iss, sub).
package session
