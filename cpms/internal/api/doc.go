// Package api is what programs may do in a person's name, with an access token of idp: requests
// and what is decided about them, the profile, the directory (cpms.v1), over gRPC and, by the
// same calls, as JSON over HTTP; and the questions of AuthZEN. Reading wants a sign-in, what
// counts a fresh MEDIUM one, exactly as on the pages; the rules are those of package access. A
// sign-in that is not enough is answered with the challenge of RFC 9470.
//
// Every call goes through the same chain whichever way it comes: the token (kit/bearer), the
// contract's field rules (protovalidate), the idempotency key, the call.
package api
