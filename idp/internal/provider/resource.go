package provider

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"eulogin.example/idp/internal/grant"
)

// introspection is the answer of RFC 7662. An inactive token says nothing else (security
// case 24).
type introspection struct {
	Active    bool     `json:"active"`
	Scope     string   `json:"scope,omitempty"`
	ClientID  string   `json:"client_id,omitempty"`
	Subject   string   `json:"sub,omitempty"`
	Issuer    string   `json:"iss,omitempty"`
	TokenType string   `json:"token_type,omitempty"`
	Expires   int64    `json:"exp,omitempty"`
	Issued    int64    `json:"iat,omitempty"`
	AuthTime  int64    `json:"auth_time,omitempty"`
	ACR       string   `json:"acr,omitempty"`
	AMR       []string `json:"amr,omitempty"`
	SID       string   `json:"sid,omitempty"`
}

// Introspect tells an authenticated client about an access token that was made for it, or
// for a client whose tokens it is registered to introspect.
func (s *server) Introspect(ctx context.Context, r *op.Request[op.IntrospectionRequest]) (*op.Response, error) {
	cl, err := s.VerifyClient(ctx, &op.Request[op.ClientCredentials]{Header: r.Header, Data: r.Data.ClientCredentials})
	if err != nil {
		return nil, err
	}
	c := cl.(opClient).c
	a, err := s.living(ctx, r.Data.IntrospectionRequest.Token)
	if err != nil {
		if refusal := s.refused(ctx, err, errToken); refusal != error(errToken) {
			return nil, refusal
		}
		return op.NewResponse(introspection{}), nil
	}
	if a.Client != c.ID && !slices.Contains(c.Introspects, a.Client) {
		return op.NewResponse(introspection{}), nil
	}
	return op.NewResponse(introspection{
		Active: true, Scope: strings.Join(a.Scopes, " "), ClientID: a.Client, Subject: string(a.Account), Issuer: s.Issuer, TokenType: "Bearer",
		Expires: a.Expires.Unix(), Issued: a.Issued.Unix(), AuthTime: a.AuthTime.Unix(), ACR: a.ACR, AMR: a.AMR, SID: a.SID,
	}), nil
}

// living finds an access token whose session has not ended; tokens of offline_access live
// without one.
func (s *server) living(ctx context.Context, handle string) (grant.Access, error) {
	a, err := s.Grants.Access(ctx, handle)
	if err != nil || a.Has(oidc.ScopeOfflineAccess) {
		return a, err
	}
	_, err = s.Sessions.ByID(ctx, a.SID)
	return a, err
}

// UserInfo tells about the person behind an access token (OpenID Connect Core §5.3). Only the
// Authorization header counts, and only opaque access tokens exist: an ID token is none (D7).
func (s *server) UserInfo(ctx context.Context, r *op.Request[oidc.UserInfoRequest]) (*op.Response, error) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || r.Form.Get("access_token") != "" {
		return nil, s.challenge(ctx, "invalid_request", http.StatusUnauthorized)
	}
	a, err := s.living(ctx, token)
	if err != nil {
		if refusal := s.refused(ctx, err, errToken); refusal != error(errToken) {
			return nil, refusal
		}
		return nil, s.challenge(ctx, "invalid_token", http.StatusUnauthorized)
	}
	if !a.Has(oidc.ScopeOpenID) {
		return nil, s.challenge(ctx, "insufficient_scope", http.StatusForbidden)
	}
	acc, err := s.Accounts.ByID(ctx, a.Account)
	if err != nil {
		return nil, s.outage(ctx, err)
	}
	if !acc.Usable() {
		return nil, s.challenge(ctx, "invalid_token", http.StatusUnauthorized)
	}
	return op.NewResponse(struct {
		Subject string `json:"sub"`
		person
	}{string(acc.ID), claimsOf(a.Approval, acc)}), nil
}

// challenge answers as RFC 6750 §3 has it.
func (s *server) challenge(ctx context.Context, code string, status int) error {
	exchange(ctx).w.Header().Set("WWW-Authenticate", `Bearer error="`+code+`"`)
	return op.NewStatusError(&oidc.Error{ErrorType: "invalid_token", Description: code}, status)
}

// errToken marks a token that is not good; it is compared, never sent.
var errToken = oidc.ErrInvalidGrant()
