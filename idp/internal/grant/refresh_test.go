package grant_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/grant"
	"eulogin.example/proto/kit/kv"
)

// Security case 17, on every engine: of 100 that refresh at once one gets the successor, and
// for clients that authenticate the family lives on.
func TestOneOfAHundredRefreshes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		got := w.tokens(t)
		var won atomic.Pointer[grant.Tokens]
		var n atomic.Int64
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if next, err := w.turn(t, got.Refresh, true); err == nil {
					n.Add(1)
					won.Store(&next)
				}
			})
		}
		wg.Wait()
		if n.Load() != 1 {
			t.Fatalf("%d winners", n.Load())
		}
		if _, err := w.turn(t, won.Load().Refresh, true); err != nil {
			t.Errorf("the winner's token is dead: %v", err)
		}
	})
}

// For public clients the race ends the family: one of two was a thief.
func TestARaceOfAPublicClientEndsTheFamily(t *testing.T) {
	w := newWorld(t)
	got := w.tokens(t)
	a, err := w.Present(t.Context(), got.Refresh, "rp", false)
	must(t, err)
	b, err := w.Present(t.Context(), got.Refresh, "rp", false)
	must(t, err)
	access, err := w.Renew(t.Context(), a, a.Approval, lives.Access)
	must(t, err)
	first, err := w.Rotate(t.Context(), a)
	must(t, err)
	_, err = w.Rotate(t.Context(), b)
	invalid(t, "the second", err)
	_, err = w.Present(t.Context(), first, "rp", false)
	invalid(t, "the winner afterwards", err)
	_, err = w.Access(t.Context(), access.Access, kv.Mark{})
	invalid(t, "its access token", err)
}

func TestGraceAndReuse(t *testing.T) {
	for name, tt := range map[string]struct {
		authenticated bool
		wait          time.Duration
		lives         bool
	}{
		"a double click of a client with a key": {true, grant.Grace - time.Second, true},
		"reuse after the window":                {true, grant.Grace, false},
		"a public client at once":               {false, 0, false},
	} {
		w := newWorld(t)
		first := w.tokens(t)
		second, err := w.turn(t, first.Refresh, tt.authenticated)
		must(t, err)
		w.pass(tt.wait)
		_, err = w.turn(t, first.Refresh, tt.authenticated)
		invalid(t, name, err)
		if _, err = w.turn(t, second.Refresh, tt.authenticated); (err == nil) != tt.lives {
			t.Errorf("%s: the family's next refresh: %v", name, err)
		}
	}
}

// What proves nothing ends nothing.
func TestStrangersDoNotEndAFamily(t *testing.T) {
	w := newWorld(t)
	got := w.tokens(t)
	_, err := w.Present(t.Context(), got.Refresh, "other", true)
	invalid(t, "another client", err)
	_, err = w.Present(t.Context(), got.Access, "rp", false)
	invalid(t, "an access token", err)
	_, err = w.Present(t.Context(), got.Access[:26]+"."+strings.Repeat("A", 43), "rp", false)
	invalid(t, "a guess under the access token's name", err)
	must(t, w.RevokeRefresh(t.Context(), got.Refresh, "other"))
	must(t, w.RevokeRefresh(t.Context(), got.Refresh[:27]+strings.Repeat("A", 43), "rp"))
	must(t, w.RevokeAccess(t.Context(), got.Access, "other"))
	if _, err := w.Access(t.Context(), got.Access, kv.Mark{}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.turn(t, got.Refresh, false); err != nil {
		t.Fatal(err)
	}
}

// An outage at any write leaves the presented token good.
func TestAnOutageUsesNoRefreshTokenUp(t *testing.T) {
	w := newWorld(t)
	got := w.tokens(t)
	w.before = func(string) error { return kv.ErrUnavailable }
	if _, err := w.turn(t, got.Refresh, false); err == nil {
		t.Fatal("the store was down")
	}
	if _, err := w.turn(t, got.Refresh, false); err != nil {
		t.Fatal(err)
	}
}

func TestFamiliesEndInTime(t *testing.T) {
	w := newWorld(t)
	got := w.tokens(t)
	w.pass(lives.Refresh)
	_, err := w.Present(t.Context(), got.Refresh, "rp", true)
	invalid(t, "past its end", err)
	_, err = w.Access(t.Context(), got.Access, kv.Mark{})
	invalid(t, "an access token past its end", err)
}

// Security case 21: of all texts only handles of the exact shape are looked up, and none that
// was not given out is good.
func FuzzHandles(f *testing.F) {
	w := newWorld(f)
	got := w.tokens(f)
	for _, s := range []string{got.Access + "=", got.Refresh[1:], "." + got.Access, strings.Repeat("a", 26) + "." + strings.Repeat("b", 43), "", "é.", "code:x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, handle string) {
		if _, err := w.Access(t.Context(), handle, kv.Mark{}); err == nil && handle != got.Access {
			t.Fatalf("%q is an access token", handle)
		}
		if _, err := w.Present(t.Context(), handle, "rp", true); err == nil && handle != got.Refresh {
			t.Fatalf("%q is a refresh token", handle)
		}
	})
}

// A service that revokes the token it had before the last rotation means the family: it may have missed the answer.
func TestRevocationByTheFormerToken(t *testing.T) {
	w := newWorld(t)
	first := w.tokens(t)
	second, err := w.turn(t, first.Refresh, true)
	must(t, err)
	must(t, w.RevokeRefresh(t.Context(), first.Refresh, "rp"))
	_, err = w.Present(t.Context(), second.Refresh, "rp", true)
	invalid(t, "its successor", err)
}
