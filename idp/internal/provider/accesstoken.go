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
}

// mint makes the access token of a client that registered JWTs, and leaves it to a handle for all others.
// Whatever it is, its record stands in the store: a JWT can be revoked and introspected here like
// a handle, and only who verifies it alone hears of that when it expires.
func (s *server) mint(ctx context.Context, name string, a grant.Access) (string, error) {
	c, err := s.Clients.ByID(ctx, a.Client)
	if err != nil || !c.JWTAccessTokens() {
		return "", err
	}
	reads := s.reader(ctx, c, a.Approval)
	sub, authTime := s.about(reads, a.Approval)
	return s.Ring.Sign(c.AccessTokenSigning(), signing.AccessToken, accessToken{
		Issuer: s.Issuer, Subject: sub, Audience: s.audience(a.Approval), Expires: a.Expires.Unix(), Issued: a.Issued.Unix(), ID: name,
		Client: a.Client, Scope: strings.Join(a.Scopes, " "), AuthTime: authTime, ACR: a.ACR, AMR: a.AMR, SID: s.Subjects.Session(reads, a.SID), Confirm: confirmed(a.Approval),
	})
}

// reader is by whose sub a JWT tells of the person: the one resource server that it is for knows its own, as
// introspection tells it (RFC 9068 §6); for all else the token's client is asked.
func (s *server) reader(ctx context.Context, c *client.Client, a grant.Approval) *client.Client {
	if len(a.Resources) == 1 {
		if owner, err := s.Clients.ByID(ctx, s.Clients.Owner(a.Resources[0])); err == nil {
			return owner
		}
	}
	return c
}
