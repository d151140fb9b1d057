// Package limit counts attempts: one table of named limits that every entrance shares.
//
// Counters live in the expiring store under account, address or browser, never in a session
// that an attacker could throw away (security case 31). Counting comes before the work that
// it limits, so a burst of parallel guesses gets no more than the limit through. What a
// limit protects and what the person reads is the caller's.
package limit
