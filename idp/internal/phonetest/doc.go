// Package phonetest builds the phone side of idp for tests: real stores, the app's
// interface on a test listener, and robot phones that speak the documented protocol. Only
// tests import it.
package phonetest
