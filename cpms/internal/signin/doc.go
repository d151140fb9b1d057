// Package signin is the relying party's side of OpenID Connect: it sends the browser to
// idp, checks all that comes back, and understands back-channel logout.
//
// It trusts nothing that came through the browser: state, nonce, PKCE verifier and what was
// asked for (acr, max_age) are kept on the server, bound to the browser that started, and
// compared with the signed ID token at the end (OpenID Connect Core §3.1.3.7, RFC 9207,
// RFC 9700). It owns neither sessions nor persons.
package signin
