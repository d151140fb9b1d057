package e2e

import (
	"strings"
	"testing"
)

// A service for members of a group: who is in none of them reads so, with whom to ask, and comes in once an
// operator said so; the service hears of the group.
func TestAServiceForMembersInABrowser(t *testing.T) {
	sys := startSystem(t)
	rp := newRelyingParty(t, sys)
	sys.adds(map[string]any{
		"client_id": "test-app", "client_name": "Board Papers", "application_type": "native", "redirect_uris": []string{rp.redirect}, "grant_types": []string{"authorization_code"}, "response_types": []string{"code"},
		"token_endpoint_auth_method": "none", "scope": "openid groups", "consent": "person", "contacts": []string{"papers@board.example"}, "groups": []string{"ern.board", "staff"}, "allowed_groups": []string{"ern.board"},
	})
	b := newBrowser(t, "members", true)
	s := &story{t: t, sys: sys, v: b, phone: newSimPhone(t), who: anna("members")}
	s.createAccount(sys.idp.url + "/register")
	address := strings.Replace(rp.authorize(`{}`), "scope=openid", "scope=openid+groups", 1)
	b.open(address)
	b.sees("This account may not use Board Papers")
	b.sees("papers@board.example")
	b.look("barred")
	page := b.url()
	for _, lang := range []string{"fr", "de", "en"} {
		b.open(page + "&lang=" + lang)
		b.look("barred-" + lang)
	}
	b.press("Back to Board Papers")
	if got := rp.failed(b); got != "access_denied" {
		t.Errorf("back to the service: %s", got)
	}
	if out := sys.operate("account", "group", "join", s.who.email, "ern.board"); !strings.Contains(out, "ern.board") {
		t.Errorf("%s", out)
	}
	b.open(address)
	b.sees("ern.board")
	b.look("asked")
}
