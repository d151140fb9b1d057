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
	var answer struct {
		IDToken string `json:"id_token"`
		Error   string `json:"error"`
	}
	status, err := s.post(ctx, conf.TokenEndpoint, url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {s.BaseURL + CallbackPath}, "code_verifier": {verifier},
	}, &answer)
	if err != nil {
		return "", err
	}
	if status != http.StatusOK || answer.IDToken == "" {
		return "", ErrToken.Because(errors.New("token endpoint: " + answer.Error))
	}
	return answer.IDToken, nil
}

// post sends a form to one of idp's endpoints in our own name (private_key_jwt, RFC 7523) and
// decodes the answer. An answer of 500 or more is an outage.
func (s *Service) post(ctx context.Context, endpoint string, form url.Values, answer any) (status int, err error) {
	assertion, err := s.assertion()
	if err != nil {
		return 0, err
	}
	form.Set("client_id", ClientID)
	form.Set("client_assertion_type", oidc.ClientAssertionTypeJWTAssertion)
	form.Set("client_assertion", assertion)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.provider.reach(endpoint), strings.NewReader(form.Encode()))
	if err != nil {
		return 0, ErrProvider.Because(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	resp, err := s.HTTP.Do(req)
	if err != nil {
		return 0, ErrProvider.Because(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode >= http.StatusInternalServerError {
		return 0, ErrProvider.Because(errors.New(resp.Status))
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 4*tokenLimit)).Decode(answer); err != nil {
		return 0, ErrProvider.Because(err)
	}
	return resp.StatusCode, nil
}
