// Package grant keeps what a sign-in gave to a service: authorization codes, access tokens,
// refresh families. It owns single use, rotation and reuse detection (RFC 6749 §10.5, RFC
// 9700 §4.14); the protocol around it belongs to package provider.
//
// Tokens are random handles; stores keep digests. The record of an access token stands under
// a name that is derived from its code, so a code that comes a second time finds and revokes
// what the first one gave, without a tombstone.
package grant
