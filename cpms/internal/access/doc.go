// Package access is the access request, from draft to decision, and the grant that follows.
//
// The rules are pure: one table says who may do what in which state, and Decide says whether
// a coordinator may decide. Stores keep what was decided, each change in one transaction
// with its audit event and its mails. The package does not know pages, idp or gRPC: how
// strongly somebody is signed in comes in as a value.
package access
