// Package storetest holds the stores of cpms to their ports on both databases, and tells the
// stories of services and stores together: races, crashes, time, erasure.
package storetest
