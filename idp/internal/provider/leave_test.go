package provider_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"eulogin.example/idp/internal/signout"
)

// Signed out of one service alone, a session gives that service nothing more, tells it so, and stays what it
// is for all others.
func TestSignOutOfOneService(t *testing.T) {
	w := newWorld(t)
	c := w.signIn(true)
	mine := ask("scope", "openid email")
	gone := w.redeem(answer(w.authorize(mine, c)).Get("code"))
	offline := w.redeem(answer(w.authorize(ask(), c)).Get("code"))
	open, away := answer(w.authorize(mine, c)).Get("code"), answer(w.authorize(ask(), c)).Get("code")
	others := func() url.Values {
		q := ask("client_id", "other", "redirect_uri", "https://other.example/cb", "scope", "openid")
		return w.as("other", exchange(answer(w.authorize(q, c)).Get("code"), "redirect_uri", "https://other.example/cb"))
	}
	stays, _ := w.token(others())
	sess, err := w.sessions.ByToken(t.Context(), c.Value)
	w.must(err)
	w.pass(time.Second)
	ender := &signout.Service{Sessions: w.sessions, Store: w.store, Now: w.now, Kick: func() {}, Listens: func(id string) bool {
		cl, err := w.clients.ByID(context.Background(), id)
		return err == nil && cl.BackchannelLogout != ""
	}}
	w.must(ender.EndService(t.Context(), sess, "rp"))
	dead := func(when string) {
		t.Helper()
		if rec := w.userinfo(gone.Access); rec.Code != http.StatusUnauthorized {
			t.Errorf("%s, userinfo: %d", when, rec.Code)
		}
		if on, body := w.active("rp", gone.Access); on {
			t.Errorf("%s: %s", when, body)
		}
	}
	dead("left")
	for _, code := range []string{open, away} {
		if late, rec := w.token(w.as("rp", exchange(code))); late.Error != "invalid_grant" || late.ID != "" {
			t.Errorf("a code from before gives something: %d %s", rec.Code, rec.Body)
		}
	}
	if w.userinfo(stays.Access).Code != http.StatusOK || w.userinfo(offline.Access).Code != http.StatusOK || w.refresh(offline.Refresh).Access == "" {
		t.Error("what was not given by this session to this service ended too")
	}
	sess, err = w.sessions.ByID(t.Context(), sess.ID)
	if err != nil || !slices.Equal(sess.Clients, []string{"other"}) {
		t.Errorf("%+v %v", sess, err)
	}
	if n := w.count(`SELECT COUNT(*) FROM outbox WHERE kind = 'backchannel_logout'`); n != 1 {
		t.Errorf("%d logout tokens", n)
	}
	if n := w.count(`SELECT COUNT(*) FROM audit_events WHERE action = 'session.service_left'`); n != 1 {
		t.Errorf("%d events", n)
	}
	w.pass(time.Second)
	again := w.redeem(answer(w.authorize(mine, c)).Get("code"))
	if w.userinfo(again.Access).Code != http.StatusOK {
		t.Error("a new sign-in to the service gives no living token")
	}
	dead("signed in again")
}
