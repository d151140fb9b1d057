// Package password is the verification method "Password": the rule that a new password
// must meet, its Argon2id hash, and the bounded pool of workers that computes hashes.
//
// It owns the three rule profiles, the list of refused passwords, the samples and the
// encoding of hashes. It does not count wrong guesses (package limit) and knows nothing
// of sign-in flows. No password, sample or hash is ever logged.
package password
