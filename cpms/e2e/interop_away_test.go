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

// openid-client is a device without a keyboard (RFC 8628): the person types its code in a browser, and it
// gets tokens of its key.
func TestInteropOpenIDClientOnADevice(t *testing.T) {
	p := newParty(t, "openid-client", "/callback")
	s, ca := startInterop(t, "device", func(sys *system) {
		p.register(sys, map[string]any{"grant_types": []string{"urn:ietf:params:oauth:grant-type:device_code", "refresh_token"}, "response_types": []string{}, "redirect_uris": []string{}, "post_logout_redirect_uris": []string{}})
	})
	openIDClient(s, p, ca)
	v := s.v
	v.open(p.base + "/device?how=dpop,introspect")
	code, at := between(v.text("p"), "code="), between(v.text("p"), "at=")
	v.open(at)
	v.fill("user_code", code)
	v.press("Continue")
	s.signIn("app_pin")
	s.approveOnPhone()
	v.sees("Let Interoperation with " + p.id + " in?")
	v.press("Allow")
	v.sees("The device is connected")
	v.open(p.base + "/outcome")
	v.sees("acr=" + mediumACR)
	v.sees("email=" + s.who.email)
	v.sees("type=dpop active=true bound=true")
	v.open(p.base + "/refresh")
	v.sees("acr=" + mediumACR)
}

// openid-client has a token of its own (client credentials), and exchanges that of a person, which another
// service shows it, for a lesser one (RFC 8693) that ends with the first.
func TestInteropOpenIDClientAsAProgram(t *testing.T) {
	p, gateway := newParty(t, "openid-client", "/callback"), newParty(t, "gateway", "/callback")
	s, ca := startInterop(t, "program", func(sys *system) {
		p.register(sys, nil)
		gateway.register(sys, map[string]any{
			"grant_types": []string{"client_credentials", "urn:ietf:params:oauth:grant-type:token-exchange"}, "response_types": []string{}, "redirect_uris": []string{}, "post_logout_redirect_uris": []string{},
			"scope": "openid email reports.read", "exchanges": []string{p.id},
		})
	})
	openIDClient(s, p, ca)
	openIDClient(s, gateway, ca)
	v := s.v
	v.open(gateway.base + "/own")
	v.sees("active=true sub=gateway scope=reports.read acr=undefined")

	enter(s, p, "")
	sub := between(v.text("p"), "sub=")
	v.open(p.base + "/token")
	v.open(gateway.base + "/exchange?token=" + url.QueryEscape(between(v.text("p"), "token=")))
	v.sees("sub=" + sub + " email=undefined active=true scope=openid acr=" + basicACR + " actor=gateway")
	v.open(p.base + "/revoke")
	v.sees("revoked")
	v.open(gateway.base + "/exchanged")
	v.sees("active=false")
}
