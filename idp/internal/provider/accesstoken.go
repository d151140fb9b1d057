package provider

import (
	"context"
	"strings"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/grant"
	"eulogin.example/idp/internal/signing"
)

// tokenClaims are what a token says, as a JWT or by introspection (RFC 9068 §2.2, RFC 7662 §2.2): whose it is, what it
// is for, and how the person signed in; about who that is nothing but sub.
type tokenClaims struct {
	Issuer   string   `json:"iss,omitempty"`
	Subject  string   `json:"sub,omitempty"`
	Audience []string `json:"aud,omitempty"`
	Expires  int64    `json:"exp,omitempty"`
	Issued   int64    `json:"iat,omitempty"`
	Client   string   `json:"client_id,omitempty"`
	Scope    string   `json:"scope,omitempty"`
	AuthTime int64    `json:"auth_time,omitempty"`
	ACR      string   `json:"acr,omitempty"`
	AMR      []string `json:"amr,omitempty"`
	SID      string   `json:"sid,omitempty"`
	Confirm  *confirm `json:"cnf,omitempty"`
	Actor    *actor   `json:"act,omitempty"`
	// RFC 9396 §9; a JWT for several resource servers shows each of them all.
	Details []grant.Detail `json:"authorization_details,omitempty"`
}

// claimsOf gives what a token says to a client that reads it.
func (s *server) claimsOf(reads *client.Client, a grant.Access) tokenClaims {
	sub, authTime := s.about(reads, a.Approval)
	return tokenClaims{
		Issuer: s.Issuer, Subject: sub, Audience: s.audience(a.Approval), Expires: a.Expires.Unix(), Issued: a.Issued.Unix(), Client: a.Client, Scope: strings.Join(a.Scopes, " "),
		AuthTime: authTime, ACR: a.ACR, AMR: a.AMR, SID: s.Subjects.Session(reads, a.SID), Confirm: confirmed(a.Approval), Actor: acting(a.Actors()), Details: a.Details,
	}
}

// about gives whom a token is about, by the sub that a client knows, and when that person signed in. A
// client's own token is about the client, and nobody signed in (RFC 9068 §2.2).
func (s *server) about(knows *client.Client, a grant.Approval) (sub string, authTime int64) {
	if !a.OfPerson() {
		return a.Client, 0
	}
	return s.subject(knows, a.Account), a.AuthTime.Unix()
}

// confirm names the key and the certificate that a token is bound to (RFC 9449 §6.2, RFC 8705 §3.2).
type confirm grant.Binding

// confirmed gives what an approval is bound to, or nil.
func confirmed(a grant.Approval) *confirm {
	if a.Binding == (grant.Binding{}) {
		return nil
	}
	return (*confirm)(&a.Binding)
}

// accessToken are the claims of an access token that is a JWT.
type accessToken struct {
	ID string `json:"jti"`
	tokenClaims
}

// mint makes the access token of a client that registered JWTs, and leaves it to a handle for all others, and
// where the sub must not be seen.
// Whatever it is, its record stands in the store: a JWT can be revoked and introspected here like
// a handle, and only who verifies it alone hears of that when it expires.
func (s *server) mint(ctx context.Context, name string, a grant.Access) (string, error) {
	c, err := s.Clients.ByID(ctx, a.Client)
	if err != nil || !c.JWTAccessTokens() {
		return "", err
	}
	if !s.known(ctx, c, a.Approval) {
		return "", nil
	}
	return s.Ring.Sign(c.AccessTokenSigning(), signing.AccessToken, accessToken{name, s.claimsOf(c, a)})
}

// known reports whether the resource servers of a token know its person by the sub of its client. Else a JWT, which
// both can read, would tell one of them the other's sub: a handle keeps them apart (RFC 9068 §6).
func (s *server) known(ctx context.Context, c *client.Client, a grant.Approval) bool {
	for _, resource := range a.Resources {
		owner, err := s.Clients.ByID(ctx, s.Clients.Owner(resource))
		if err == nil && a.OfPerson() && s.subject(owner, a.Account) != s.subject(c, a.Account) {
			return false
		}
	}
	return true
}
