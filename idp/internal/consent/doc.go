// Package consent keeps what each service may know of each person: who agreed when to tell which claim,
// by which page, when the service was told last, and what was stopped or withdrawn since. It decides
// when a person has to be asked.
//
// The ledger holds moments, never conclusions: an entry is given while the person agreed after it was
// ended last. What was given before the last withdrawal is good for nothing any more, whatever keeps it.
// Package claims knows the claims, package provider the protocol.
package consent
