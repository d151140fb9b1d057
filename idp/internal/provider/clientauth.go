package provider

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/fault"
)

// The limits of a client assertion (RFC 7523 §3).
const (
	assertionLife  = 5 * time.Minute
	assertionSkew  = 30 * time.Second
	assertionLimit = 8 << 10
)

// VerifyClient authenticates a client by private_key_jwt, or takes a public client by its
// name. There is one way per client and no other (security case 23).
func (s *server) VerifyClient(ctx context.Context, r *op.Request[op.ClientCredentials]) (op.Client, error) {
	cc := r.Data
	if cc.ClientSecret != "" || r.Header.Get("Authorization") != "" {
		return nil, unauthorized(ctx, "client secrets are not used here")
	}
	if cc.ClientAssertion == "" {
		c, err := s.Clients.ByID(ctx, cc.ClientID)
		if err != nil || c.AuthMethod != client.None {
			return nil, unauthorized(ctx, "client authentication failed")
		}
		return opClient{c}, nil
	}
	c, err := s.assertion(ctx, cc.ClientAssertion)
	if fault.KindOf(err) == fault.Unavailable {
		return nil, s.outage(ctx, err)
	}
	if err != nil || (cc.ClientID != "" && cc.ClientID != c.ID) {
		s.Log.InfoContext(ctx, "client assertion refused", "error", err)
		return nil, unauthorized(ctx, "client authentication failed")
	}
	return opClient{c}, nil
}

// assertionClaims are those of RFC 7523 §3.
type assertionClaims struct {
	Issuer   string        `json:"iss"`
	Subject  string        `json:"sub"`
	Audience oidc.Audience `json:"aud"`
	Expires  oidc.Time     `json:"exp"`
	Issued   oidc.Time     `json:"iat"`
	ID       string        `json:"jti"`
}

// assertion checks a client assertion and uses its jti up.
func (s *server) assertion(ctx context.Context, raw string) (*client.Client, error) {
	if len(raw) > assertionLimit {
		return nil, errors.New("too long")
	}
	jws, err := jose.ParseSignedCompact(raw, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return nil, err
	}
	var claims assertionClaims
	if err := json.Unmarshal(jws.UnsafePayloadWithoutVerification(), &claims); err != nil {
		return nil, err
	}
	c, err := s.Clients.ByID(ctx, claims.Subject)
	if err != nil || c.AuthMethod != client.PrivateKeyJWT {
		return nil, errors.New("no such client with keys")
	}
	key, ok := c.Key(jws.Signatures[0].Header.KeyID)
	if !ok {
		return nil, errors.New("unknown key")
	}
	if _, err := jws.Verify(key); err != nil {
		return nil, err
	}
	if err := claims.check(s.audiences(), s.Now()); err != nil {
		return nil, err
	}
	// Only now, so that a stranger cannot use up another client's jti.
	err = s.KV.Swap(ctx, "jti:"+ident.Digest(c.ID+" "+claims.ID), nil, []byte("1"), assertionLife+2*assertionSkew)
	if fault.KindOf(err) == fault.Conflict {
		return nil, errors.New("jti was used")
	}
	return c, err
}

// audiences are the values that name us: the issuer, or the token endpoint.
func (s *server) audiences() []string { return []string{s.Issuer, s.Issuer + tokenPath} }

func (a assertionClaims) check(audiences []string, now time.Time) error {
	exp, iat := a.Expires.AsTime(), a.Issued.AsTime()
	switch {
	case a.Issuer == "" || a.Issuer != a.Subject:
		return errors.New("iss and sub must be the client_id")
	case len(a.Audience) != 1 || !slices.Contains(audiences, a.Audience[0]):
		return errors.New("aud")
	case a.ID == "" || len(a.ID) > 256:
		return errors.New("jti")
	case !now.Before(exp.Add(assertionSkew)) || exp.Sub(now) > assertionLife+assertionSkew:
		return errors.New("exp must lie within five minutes")
	case a.Issued != 0 && (iat.After(now.Add(assertionSkew)) || now.Sub(iat) > assertionLife+assertionSkew):
		return errors.New("iat")
	}
	return nil
}
