package signin

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// redeem exchanges the code for the ID token. The access token is thrown away: cpms reads
// who somebody is from the ID token and asks idp over gRPC for the rest.
func (s *Service) redeem(ctx context.Context, code, verifier string) (string, error) {
	conf, err := s.provider.endpoints(ctx)
	if err != nil {
		return "", err
	}
	assertion, err := s.assertion()
	if err != nil {
		return "", err
	}
	form := url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {s.BaseURL + CallbackPath}, "code_verifier": {verifier},
		"client_id": {ClientID}, "client_assertion_type": {oidc.ClientAssertionTypeJWTAssertion}, "client_assertion": {assertion},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.provider.reach(conf.TokenEndpoint), strings.NewReader(form.Encode()))
	if err != nil {
		return "", ErrProvider.Because(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	resp, err := s.HTTP.Do(req)
	if err != nil {
		return "", ErrProvider.Because(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var answer struct {
		IDToken string `json:"id_token"`
		Error   string `json:"error"`
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 4*tokenLimit)).Decode(&answer); err != nil {
		return "", ErrProvider.Because(err)
	}
	switch {
	case resp.StatusCode >= http.StatusInternalServerError:
		return "", ErrProvider.Because(errors.New(resp.Status))
	case resp.StatusCode != http.StatusOK || answer.IDToken == "":
		return "", ErrToken.Because(errors.New("token endpoint: " + answer.Error))
	}
	return answer.IDToken, nil
}
