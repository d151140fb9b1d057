// Package check is the integration check: whether a service that signs people in here looks at what it
// gets. It plays cases, good and bad, to a client that exists for that alone, notes what the service
// did, and judges it.
//
// It owns the cases, what is played for each, the run and its verdicts. The answers of a run are those
// of an issuer of its own, signed with keys of that run that no other party trusts: nothing that is
// made here is a token of idp. It knows no HTTP.
package check
