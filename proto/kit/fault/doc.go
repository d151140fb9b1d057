// Package fault is the one error type of both services: a kind that decides the
// status at every edge, a stable code that logs, clients and the text catalogue
// share, and field messages for forms.
//
// It owns the mapping to HTTP and gRPC. It does not own texts: those live in the
// catalogues of package page under "error.<code>.title" and "error.<code>.text".
package fault
