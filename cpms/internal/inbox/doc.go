// Package inbox applies what idp tells of accounts (architecture §3.5 flow C): each event
// once, those of one subject in their order. Sessions end here; what an event means for
// people, requests and grants is one transaction of the store.
//
// How events travel belongs to package rpc.
package inbox
