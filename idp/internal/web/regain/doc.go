// Package regain is "Lost your password?" in the browser: the question, the mailed link's
// page, the second factor in between, and the new password.
//
// Handlers parse, call one use case of package recover and return its error. Nobody is
// signed in by any of these pages.
package regain
