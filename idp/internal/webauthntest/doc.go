// Package webauthntest is an authenticator in software together with the browser before it:
// it answers the ceremonies of Web Authentication as a real one would, and, told to, as a
// broken or hostile one. Only tests import it.
package webauthntest
