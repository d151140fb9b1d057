// Package claims knows what idp can tell a service about a person: the claims (OpenID Connect Core
// §5.1), the scopes that cover them (§5.4), and what a claims parameter asks for beside (§5.5).
//
// It is pure. Who agreed to tell what belongs to package consent, the parameter's text and the tokens
// to package provider.
package claims
