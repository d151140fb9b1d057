// Package backendtest gives tests the real stores: SQLite in a temporary folder, and
// PostgreSQL and Redis as processes of Debian's packages, started once a test process on
// free loopback ports and ended with it. It is imported by tests only.
package backendtest
