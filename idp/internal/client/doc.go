// Package client knows the services that federate with idp: their metadata (RFC 7591 names),
// the strict check of it, and exact matching of addresses.
//
// Metadata are files in a folder (idp/docs/adr/0005). The package owns no protocol.
package client
