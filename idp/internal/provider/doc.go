// Package provider is OpenID Connect at the edge: our own op.Server on zitadel/oidc
// (idp/docs/adr/0002), and the routes that the library has no place for.
//
// From the library come types, decoding and routing. Ours are: who may redirect where, PKCE
// for everybody, the binding of a sign-in to its browser, strength by package policy, single
// use by package grant, tokens by package signing, and an outage that is never an
// invalid_grant. What the server does not implement, it refuses.
package provider
