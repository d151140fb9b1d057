// Package registration changes the clients that stand in the database: it registers them, replaces their
// metadata, rotates their secrets, disables and removes them, whoever asks: an operator's command, a call
// of the admin API, or a client by RFC 7591 and RFC 7592. Each change is one transaction with its audit
// event, and this process serves it at once; others within a few seconds (client.Registry).
//
// It owns initial access tokens and what a client registered with one may have. It owns no protocol: paths,
// headers and statuses are package provider's.
package registration
