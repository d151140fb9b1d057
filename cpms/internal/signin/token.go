package signin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"

	"eulogin.example/proto/kit/fault"
)

// ErrToken says that a token is not what it should be. The person starts again; why it was
// refused stands in the log only.
var ErrToken = fault.New(fault.Denied, "signin.token_refused")

// skew is how far apart the clocks of two services may be.
const skew = 30 * time.Second

// tokenLimit is the longest token that is looked at, in bytes.
const tokenLimit = 16 << 10

// open checks signature and header type of a token and decodes its claims.
func (s *Service) open(ctx context.Context, token string, types []string, claims any) error {
	if len(token) > tokenLimit {
		return ErrToken.Because(errors.New("too long"))
	}
	jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return ErrToken.Because(err)
	}
	header := jws.Signatures[0].Header
	typ, _ := header.ExtraHeaders[jose.HeaderType].(string)
	if !oneOf(types, typ) {
		return ErrToken.Because(fmt.Errorf("typ %q", typ))
	}
	key, err := s.keys.key(ctx, header.KeyID)
	if err != nil {
		return err
	}
	payload, err := jws.Verify(key)
	if err != nil {
		return ErrToken.Because(err)
	}
	if err := json.Unmarshal(payload, claims); err != nil {
		return ErrToken.Because(err)
	}
	return nil
}

// checkIDToken holds the claims of an ID token against what was asked for. It is pure: all
// it needs comes in (OpenID Connect Core §3.1.3.7; acr and auth_time again, because
// acr_values and max_age went through the browser).
func checkIDToken(c *oidc.IDTokenClaims, issuer string, a attempt, now time.Time) error {
	exp, iat, auth := c.Expiration.AsTime(), c.IssuedAt.AsTime(), c.AuthTime.AsTime()
	faults := []struct {
		wrong bool
		what  string
	}{
		{c.Issuer != issuer, "iss"},
		{len(c.Audience) != 1 || c.Audience[0] != ClientID, "aud"},
		{c.AuthorizedParty != "" && c.AuthorizedParty != ClientID, "azp"},
		{c.Subject == "", "sub is missing"},
		{a.Nonce == "" || c.Nonce != a.Nonce, "nonce"},
		{!now.Before(exp.Add(skew)), "expired"},
		{iat.After(now.Add(skew)) || now.Sub(iat) > 10*time.Minute, "iat"},
		{auth.IsZero() || auth.Unix() <= 0 || auth.After(now.Add(skew)), "auth_time"},
		{!Reaches(c.AuthenticationContextClassReference, a.Need.ACR), "acr is less than asked for"},
		{a.Need.MaxAge > 0 && a.Started.Sub(auth) > a.Need.MaxAge+skew, "auth_time is older than asked for"},
		{c.Claims["events"] != nil, "a logout token is no ID token"},
	}
	for _, f := range faults {
		if f.wrong {
			return ErrToken.Because(errors.New(f.what))
		}
	}
	return nil
}

func oneOf(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}
