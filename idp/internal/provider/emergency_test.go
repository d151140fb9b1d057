package provider_test

import (
	"net/http"
	"net/url"
	"testing"
)

// After a signing key was withdrawn nobody is signed out, and no handle ends, because none is signed. A hint by that key is none: signing out with it
// takes a yes, and leads back only to a service that is named.
func TestAfterAnEmergency(t *testing.T) {
	w := newWorld(t)
	cookie := w.signIn(true)
	old := w.redeem(answer(w.authorize(ask(), cookie)).Get("code"))
	_, err := w.ring.Withdraw(t.Context(), "")
	w.must(err)
	if active, body := w.active("rp", old.Access); !active {
		t.Errorf("the access token ended: %s", body)
	}
	if got := w.refresh(old.Refresh); got.ID == "" || w.claims(got.ID)["sub"] != string(anna) {
		t.Errorf("no ID token by the new key: %+v", got)
	}
	if a := answer(w.authorize(ask("id_token_hint", old.ID, "prompt", "none"), cookie)); a.Get("code") == "" {
		t.Errorf("authorize: %v", a)
	}
	bye := "https://rp.example/bye"
	for name, q := range map[string]url.Values{
		"alone":      {"id_token_hint": {old.ID}},
		"an address": {"id_token_hint": {old.ID}, "post_logout_redirect_uri": {bye}},
		"a name":     {"id_token_hint": {old.ID}, "client_id": {"rp"}, "post_logout_redirect_uri": {bye}},
	} {
		rec := w.do("GET", "/end_session?"+q.Encode(), nil, cookie)
		if rec.Code != http.StatusOK || rec.Header().Get("Location") != "" {
			t.Errorf("%s: %d %s: the person was not asked", name, rec.Code, rec.Header().Get("Location"))
		}
		rec = w.do("GET", "/end_session?"+q.Encode(), nil)
		if got, want := rec.Header().Get("Location"), q.Get("post_logout_redirect_uri"); (got == want) != (q.Has("client_id") || want == "") {
			t.Errorf("%s: leads to %q", name, got)
		}
	}
	if rec := w.do("GET", "/end_session?"+url.Values{"id_token_hint": {old.ID}, "client_id": {"other"}, "post_logout_redirect_uri": {bye}}.Encode(), nil, cookie); rec.Code != http.StatusUnprocessableEntity {
		t.Errorf("the address of another service: %d", rec.Code)
	}
}
