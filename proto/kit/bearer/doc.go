// Package bearer protects what programs ask for in a person's name: it reads the access token
// of a call (RFC 6750), asks the authorization server what it is worth (RFC 7662), and holds
// it against what the resource needs. A sign-in that is too weak or too old is answered with
// the challenge of RFC 9470, from which the program knows what to ask the person for.
//
// It is the same for HTTP (Guard.Require) and gRPC (Guard.Unary). It knows no authorization
// server: an Introspector asks one. Names of strengths are compared, never understood: a
// resource lists every acr that is enough.
package bearer
