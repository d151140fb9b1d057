// Package wire is how the two services call each other: gRPC over mutual TLS, a list of
// callers per method with "unlisted = denied", deadlines, typed errors, traces, health.
//
// Who calls is the DNS name in the client's certificate and nothing else; metadata cannot
// say it. Certificates and CAs follow their files, so that a renewal needs no restart. The
// package owns no method: what may be repeated stands in the contracts (idempotency_level),
// who may call stands beside each server.
package wire
