package signin

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"eulogin.example/proto/kit/bearer"
)

// Introspect asks idp what an access token is worth (RFC 7662; acr and auth_time as RFC 9470
// §6.2 has them). It implements bearer.Introspector. idp answers for the clients whose tokens
// we are registered to see; every other token is bearer.ErrInvalid.
func (s *Service) Introspect(ctx context.Context, handle string) (bearer.Token, error) {
	conf, err := s.provider.endpoints(ctx)
	if err != nil {
		return bearer.Token{}, err
	}
	var answer introspected
	status, err := s.post(ctx, conf.IntrospectionEndpoint, url.Values{"token": {handle}}, &answer)
	if err != nil {
		return bearer.Token{}, err
	}
	if status != http.StatusOK {
		return bearer.Token{}, ErrProvider.Because(errors.New("introspection: " + http.StatusText(status)))
	}
	return answer.token(s.Issuer)
}

// introspected is idp's answer about a token.
type introspected struct {
	Active   bool   `json:"active"`
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	ClientID string `json:"client_id"`
	Scope    string `json:"scope"`
	ACR      string `json:"acr"`
	AuthTime int64  `json:"auth_time"`
	SID      string `json:"sid"`
	Confirm  any    `json:"cnf"` // the token is bound to a key (RFC 9449, RFC 8705)
}

// token holds the answer against what a bearer token of our issuer is. It is pure. A token that is
// bound to a key is none: we ask for no proof of the key, so we take none (RFC 9449 §7.2).
func (a introspected) token(issuer string) (bearer.Token, error) {
	if !a.Active || a.Issuer != issuer || a.Confirm != nil {
		return bearer.Token{}, bearer.ErrInvalid
	}
	t := bearer.Token{Issuer: a.Issuer, Subject: a.Subject, ClientID: a.ClientID, Scopes: strings.Fields(a.Scope), ACR: a.ACR, SID: a.SID}
	if a.AuthTime > 0 {
		t.AuthTime = time.Unix(a.AuthTime, 0)
	}
	return t, nil
}
