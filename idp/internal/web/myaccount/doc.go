// Package myaccount is "My account" in the browser: the overview with its check-up,
// details, mobile phone numbers, and the change of the password.
//
// Every page wants a signed-in person, every change a fresh enough sign-in. Mobile devices
// have pages of their own (web/devices). Handlers parse, call one use case of package
// manage and return its error.
package myaccount
