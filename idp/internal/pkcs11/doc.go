// Package pkcs11 keeps signing keys inside a token (PKCS #11: an HSM, a smart card, SoftHSM): they are
// made there, sign there, and never leave it. The database holds their public halves alone.
//
// It needs cgo, because the token's module is a shared library. Binaries without cgo say so when they
// are asked to open a token; everything else of idp works without.
package pkcs11

// Config names a token and opens it.
type Config struct {
	Module string // path of the shared library
	Token  string // label
	PIN    string // of the user
}
