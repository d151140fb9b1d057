// Package browser knows the cookies of idp: the one that binds a sign-in to the browser that
// began it, the one of the session, and the one by which a browser is known again. It gives
// pages the person who is signed in, and leads to the sign-in when that is not enough.
//
// No rule lives here: strength is computed by package policy, steps by package login.
package browser
