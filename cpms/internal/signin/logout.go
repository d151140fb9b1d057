package signin

import (
	"context"
	"errors"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"

	"eulogin.example/cpms/internal/ident"
	"eulogin.example/proto/kit/fault"
)

// logoutEvent is the member of `events` that makes a token a logout token.
const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

// logoutAge is the oldest logout token that is taken.
const logoutAge = 5 * time.Minute

// Logout is what idp asks in a back-channel logout: end this session, or all of a person's.
type Logout struct {
	Subject   string
	SessionID string
}

// ReadLogoutToken checks a logout token (OpenID Connect Back-Channel Logout 1.0 §2.6). Each
// is good once: a second arrival of the same jti is ErrToken.
func (s *Service) ReadLogoutToken(ctx context.Context, token string) (Logout, error) {
	var c oidc.LogoutTokenClaims
	if err := s.open(ctx, token, []string{"logout+jwt"}, &c); err != nil {
		return Logout{}, err
	}
	if err := checkLogoutToken(&c, s.Issuer, s.Now()); err != nil {
		return Logout{}, err
	}
	switch err := s.KV.Swap(ctx, "logout-jti:"+ident.Digest(c.JWTID), nil, []byte("1"), 2*logoutAge); {
	case fault.KindOf(err) == fault.Conflict:
		return Logout{}, ErrToken.Because(errors.New("jti was used"))
	case err != nil:
		return Logout{}, err
	}
	return Logout{Subject: c.Subject, SessionID: c.SessionID}, nil
}

func checkLogoutToken(c *oidc.LogoutTokenClaims, issuer string, now time.Time) error {
	_, nonce := c.Claims["nonce"]
	_, event := c.Events[logoutEvent].(map[string]any)
	iat, exp := c.IssuedAt.AsTime(), c.Expiration.AsTime()
	faults := []struct {
		wrong bool
		what  string
	}{
		{c.Issuer != issuer, "iss"},
		{len(c.Audience) != 1 || c.Audience[0] != ClientID, "aud"},
		{nonce, "nonce must be absent"},
		{!event, "events"},
		{c.JWTID == "", "jti"},
		{c.Subject == "" && c.SessionID == "", "neither sub nor sid"},
		{iat.After(now.Add(skew)) || now.Sub(iat) > logoutAge, "iat"},
		{!now.Before(exp.Add(skew)), "expired"},
	}
	for _, f := range faults {
		if f.wrong {
			return ErrToken.Because(errors.New(f.what))
		}
	}
	return nil
}
