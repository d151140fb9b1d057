// Package accounttest builds the account side of idp for tests: real SQLite, the embedded
// expiring store, real limits, cheap hashes, and a clock that the test turns. Only tests
// import it.
package accounttest
