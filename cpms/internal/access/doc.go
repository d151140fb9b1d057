// Package access is the access request, from draft to decision, and the grant that follows.
//
// The rules are pure: one table says who may do what in which state (state.go), Check says
// what a request needs, Decide whether a coordinator may decide, Grant.Status what access is
// worth at a moment. The services around them write each change in one transaction with its
// audit event and its mails.
//
// The package does not know pages, idp or gRPC: how strongly somebody is signed in and what
// idp says of a person come in as values. The tables of docs/request-lifecycle.md are held
// against the code by a test.
package access
