// Package wire is how the two services call each other: gRPC over mutual TLS, a list of
// callers per method with "unlisted = denied", deadlines, typed errors, traces, health.
//
// Who calls is the DNS name in the client's certificate and nothing else; metadata cannot
// say it. The package owns no method.
package wire
