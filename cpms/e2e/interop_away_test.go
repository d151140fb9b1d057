//go:build interop

package e2e

import (
	"net/url"
	"testing"
)

// openid-client asks a person on the phone (CIBA, poll), whom it knows by an address and then by an ID token;
// the person types the number that it told, and at last refuses.
func TestInteropOpenIDClientAsksOnThePhone(t *testing.T) {
	p := newParty(t, "openid-client", "/callback")
	s, ca := startInterop(t, "asks", func(sys *system) {
		p.register(sys, map[string]any{"grant_types": []string{"authorization_code", "refresh_token", "urn:openid:params:grant-type:ciba"}, "backchannel_token_delivery_mode": "poll"})
	})
	openIDClient(s, p, ca)
	v, hint := s.v, "&login_hint="+url.QueryEscape(s.who.email)
	v.open(p.base + "/phone?number=42" + hint)
	v.sees("unknown_user_id") // she does not use the service yet
	enter(s, p, "")

	v.open(p.base + "/phone?number=42" + hint)
	v.sees("asked")
	s.phone.approve("42", s.who.pin)
	v.open(p.base + "/outcome")
	v.sees("acr=" + mediumACR)
	v.sees("email=" + s.who.email)
	v.open(p.base + "/refresh")
	v.sees("acr=" + mediumACR)

	v.open(p.base + "/phone?number=77&how=dpop,introspect")
	v.sees("asked")
	s.phone.approve("77", s.who.pin)
	v.open(p.base + "/outcome")
	v.sees("type=dpop active=true bound=true")

	v.open(p.base + "/phone?number=55")
	v.sees("asked")
	s.phone.deny()
	v.open(p.base + "/outcome")
	v.sees("access_denied")
}
