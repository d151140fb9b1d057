// Package profile is the two-page profile of a person: drafts with a version, and pure rules
// for what may be kept and what makes it complete.
//
// It holds no patient data, nothing that comes from idp (names and the account's address
// stay with package person), and no texts: faults name keys of the catalogue, field by field.
package profile
