// Package storetest holds the stores of cpms to their ports on both databases, races
// included.
package storetest
