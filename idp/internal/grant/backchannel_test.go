package grant_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/grant"
)

// kept keeps a request of the service "desk".
func (w *world) kept(t *testing.T) (id string) {
	id = w.NewBackchannelID()
	now := w.Now()
	b := grant.Backchannel{Client: "desk", Account: approval.Account, Scopes: []string{"openid"}, Resources: []string{"https://api.example"}, Push: "p", SID: "s", AskedAt: now, Expires: now.Add(time.Minute)}
	if err := w.KeepBackchannel(t.Context(), id, b); err != nil {
		t.Fatal(err)
	}
	return id
}

// CIBA Core §11: who may ask, how often, and what a late one hears.
func TestPollsOfABackchannelRequest(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.kept(t)
		wants := func(what, id, client string, want error) {
			t.Helper()
			if _, err := w.PollBackchannel(t.Context(), id, client); !errors.Is(err, want) {
				t.Errorf("%s: %v", what, err)
			}
		}
		wants("another service", id, "other", grant.ErrInvalid)
		wants("another request", w.NewBackchannelID(), "desk", grant.ErrInvalid)
		wants("no request", "x", "desk", grant.ErrInvalid)
		wants("the service", id, "desk", nil)
		wants("at once again", id, "desk", grant.ErrSlowDown)
		w.pass(2*grant.BackchannelInterval - time.Second)
		wants("five seconds more are asked for", id, "desk", grant.ErrSlowDown)
		w.pass(3 * grant.BackchannelInterval)
		wants("slowly", id, "desk", nil)
		w.pass(time.Minute)
		wants("too late", id, "desk", grant.ErrExpired)
	})
}

// Whoever takes a request is alone with it, and can put it back once.
func TestOneOfAHundredTakesABackchannelRequest(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.kept(t)
		b, err := w.PollBackchannel(t.Context(), id, "desk")
		if err != nil {
			t.Fatal(err)
		}
		race := func() int64 {
			var won atomic.Int64
			var wg sync.WaitGroup
			for range 100 {
				wg.Go(func() {
					switch err := w.TakeBackchannel(t.Context(), b); {
					case err == nil:
						won.Add(1)
					case !errors.Is(err, grant.ErrInvalid):
						t.Errorf("a loser hears %v", err)
					}
				})
			}
			wg.Wait()
			return won.Load()
		}
		if n := race(); n != 1 {
			t.Fatalf("%d took it", n)
		}
		if err := w.ReturnBackchannel(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		if w.ReturnBackchannel(t.Context(), b) == nil {
			t.Error("it was put back twice")
		}
		w.pass(grant.BackchannelInterval)
		again, err := w.PollBackchannel(t.Context(), id, "desk")
		if err != nil || again.SID != b.SID || len(again.Resources) != 1 {
			t.Fatalf("put back: %+v %v", again, err)
		}
		if n := race(); n != 1 {
			t.Errorf("%d took what was put back", n)
		}
	})
}
