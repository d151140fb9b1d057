package provider

import (
	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/signing"
)

// logoutTokenLife is how long a logout token is good, in seconds. Each delivery makes a new one.
const logoutTokenLife = 120

// logoutEvent says what a logout token is for (Back-Channel Logout 1.0 §2.4).
const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

// LogoutToken makes the token that tells a client of an account's ended session (Back-Channel
// Logout 1.0 §2.4). id becomes its jti. It is signed and
// encrypted as the client's ID tokens are (§2.6).
func LogoutToken(c Config, cl *client.Client, account ident.AccountID, sid, id string) (string, error) {
	now := c.Now().Unix()
	signed, err := c.Ring.Sign(cl.IDTokenSigning(), signing.LogoutToken, map[string]any{
		"iss": c.Issuer, "sub": c.subject(cl, account), "aud": cl.ID, "iat": now, "exp": now + logoutTokenLife, "jti": id, "sid": c.Subjects.Session(cl, sid),
		"events": map[string]any{logoutEvent: map[string]any{}},
	})
	if err != nil {
		return "", err
	}
	return c.encrypted(cl, cl.IDTokenEncryption(), signed)
}

// logoutMetadata tells how services hear of an ended session.
func (s *server) logoutMetadata() map[string]any {
	return map[string]any{
		"backchannel_logout_supported": true, "backchannel_logout_session_supported": true,
		"frontchannel_logout_supported": true, "frontchannel_logout_session_supported": true,
	}
}
