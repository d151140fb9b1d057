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
	var answer struct {
		Active   bool   `json:"active"`
		Issuer   string `json:"iss"`
		Subject  string `json:"sub"`
		ClientID string `json:"client_id"`
		Scope    string `json:"scope"`
		ACR      string `json:"acr"`
		AuthTime int64  `json:"auth_time"`
		SID      string `json:"sid"`
	}
	status, err := s.post(ctx, conf.IntrospectionEndpoint, url.Values{"token": {handle}}, &answer)
	if err != nil {
		return bearer.Token{}, err
	}
	if status != http.StatusOK {
		return bearer.Token{}, ErrProvider.Because(errors.New("introspection: " + http.StatusText(status)))
	}
	if !answer.Active || answer.Issuer != s.Issuer {
		return bearer.Token{}, bearer.ErrInvalid
	}
	t := bearer.Token{Issuer: answer.Issuer, Subject: answer.Subject, ClientID: answer.ClientID, Scopes: strings.Fields(answer.Scope), ACR: answer.ACR, SID: answer.SID}
	if answer.AuthTime > 0 {
		t.AuthTime = time.Unix(answer.AuthTime, 0)
	}
	return t, nil
}
