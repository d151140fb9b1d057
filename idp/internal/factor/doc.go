// Package factor is what all kinds of enrolled verification methods have in common: how they
// are listed, removed for a time and brought back, and what is written down with each change.
//
// It owns no method: each has a package of its own below this one.
package factor
