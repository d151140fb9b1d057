package provider

import (
	"context"
	"strings"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/grant"
	"eulogin.example/idp/internal/signing"
)

// accessToken are the claims of an access token that is a JWT (RFC 9068 §2.2). It tells how the person
// signed in, and nothing about who that is but sub.
type accessToken struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Audience []string `json:"aud"`
	Expires  int64    `json:"exp"`
	Issued   int64    `json:"iat"`
	ID       string   `json:"jti"`
	Client   string   `json:"client_id"`
	Scope    string   `json:"scope,omitempty"`
	AuthTime int64    `json:"auth_time,omitempty"`
	ACR      string   `json:"acr,omitempty"`
	AMR      []string `json:"amr,omitempty"`
	SID      string   `json:"sid,omitempty"`
	Confirm  *confirm `json:"cnf,omitempty"`
	Actor    *actor   `json:"act,omitempty"`
	// RFC 9396 §9.1; a token for several resource servers shows each of them all.
	Details []grant.Detail `json:"authorization_details,omitempty"`
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
	sub, authTime := s.about(c, a.Approval)
	return s.Ring.Sign(c.AccessTokenSigning(), signing.AccessToken, accessToken{
		Issuer: s.Issuer, Subject: sub, Audience: s.audience(a.Approval), Expires: a.Expires.Unix(), Issued: a.Issued.Unix(), ID: name,
		Client: a.Client, Scope: strings.Join(a.Scopes, " "), AuthTime: authTime, ACR: a.ACR, AMR: a.AMR, SID: s.Subjects.Session(c, a.SID), Confirm: confirmed(a.Approval), Actor: acting(a.Actors()), Details: a.Details,
	})
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
