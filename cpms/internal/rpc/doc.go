// Package rpc is cpms's side of cpms.v1: it takes the account events of idp and passes them
// to package inbox. It owns the translation and the list of callers, no rule.
package rpc
