// Package join is "Create an account" in the browser: the form, "check your mail", the
// mailed link's page, the first password, and the privacy statement.
//
// Handlers parse, call one use case of package signup and return its error. The package
// keeps no state and decides nothing.
package join
