// Package client knows the services that federate with idp: their metadata (RFC 7591 names),
// the strict check of it, and exact matching of addresses.
//
// Clients stand in files of a folder or in the database (idp/docs/adr/0017); the registry holds both in
// memory. Package registration changes those of the database. This one owns no protocol.
package client
