// Package appapi is the JSON interface of the phone's app under /app/api/, as
// idp/docs/app-protocol.md describes it.
//
// It owns the wire: HTTP message signatures (RFC 9421), clock and replay checks, JSON in
// and out. What a message does is package phone's business. It is stateless towards the
// caller: no cookie is read or set, every call is signed with the phone's key.
package appapi
