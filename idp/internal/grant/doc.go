// Package grant keeps what a sign-in gave to a service: authorization codes, access tokens,
// refresh families. It owns single use, rotation and reuse detection (RFC 6749 §4.1.2 and
// §10.5, RFC 9700 §4.14); the protocol around it belongs to package provider.
//
// Tokens are random handles; stores keep digests. The names under which a code's access token
// and refresh family stand are derived from the code, so a code that comes a second time
// finds and ends what the first one gave. An access token of a family ends with it.
package grant
