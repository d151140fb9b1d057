// Package api is what programs may do in a person's name: JSON over HTTP with an access token
// of idp. Reading wants a sign-in, submitting a fresh MEDIUM one, exactly as on the pages; the
// rules are those of package access. A sign-in that is not enough is answered with the
// challenge of RFC 9470.
package api
