// Package storetest holds the conformance of the stores: what the domain packages expect
// of their ports, run on every engine. A second implementation of a port has to pass it.
package storetest
