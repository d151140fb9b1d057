package provider_test

import (
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"eulogin.example/idp/internal/grant"
)

func TestD6CodeIsRedeemedOnce(t *testing.T) {
	w := newWorld(t)
	code := w.code()
	forms := make([]url.Values, 100)
	for i := range forms {
		forms[i] = w.as("rp", exchange(code))
	}
	var won atomic.Pointer[tokens]
	var n atomic.Int64
	var wg sync.WaitGroup
	for _, f := range forms {
		wg.Go(func() {
			if got, _ := w.token(f); got.Access != "" {
				n.Add(1)
				won.Store(&got)
			}
		})
	}
	wg.Wait()
	if n.Load() != 1 {
		t.Fatalf("%d redemptions", n.Load())
	}
	// The losers were replays: what the winner got is revoked, or was revoked as it came.
	if got, _ := w.token(w.as("rp", exchange(code))); got.Error != "invalid_grant" {
		t.Fatal("redeemed again")
	}
	if on, _ := w.active("rp", won.Load().Access); on {
		t.Fatal("the access token of a replayed code lives")
	}
	if got, _ := w.token(w.as("rp", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {won.Load().Refresh}})); got.Error != "invalid_grant" {
		t.Fatal("the refresh token of a replayed code lives")
	}
}

func TestCodeIsBoundToClientAndRedirect(t *testing.T) {
	w := newWorld(t)
	if got, _ := w.token(w.as("other", exchange(w.code()))); got.Error != "invalid_grant" {
		t.Fatal("another client redeemed it")
	}
	if got, _ := w.token(w.as("rp", exchange(w.code(), "redirect_uri", callback+"2"))); got.Error != "invalid_grant" {
		t.Fatal("another redirect address was accepted")
	}
	code := w.code()
	w.pass(grant.CodeLife)
	if got, _ := w.token(w.as("rp", exchange(code))); got.Error != "invalid_grant" {
		t.Fatal("an expired code was redeemed")
	}
}

// Security case 16: the second use ends what the first one gave, also what came by refresh.
func TestSecondUseOfACodeRevokes(t *testing.T) {
	w := newWorld(t)
	code := w.code()
	first := w.redeem(code)
	second := w.refresh(first.Refresh)
	for _, token := range []string{first.Access, second.Access} {
		if on, _ := w.active("rp", token); !on {
			t.Fatal("not active before")
		}
	}
	if got, _ := w.token(w.as("rp", exchange(code))); got.Error != "invalid_grant" {
		t.Fatal("redeemed twice")
	}
	for _, token := range []string{first.Access, second.Access} {
		if on, _ := w.active("rp", token); on {
			t.Error("an access token outlived the replay of its code")
		}
	}
	if w.refresh(second.Refresh).Error != "invalid_grant" {
		t.Error("the refresh family outlived the replay of its code")
	}
}

// Security case 21: only the exact handle is one.
func TestHandlesAreExact(t *testing.T) {
	w := newWorld(t)
	code := w.code()
	for _, bad := range []string{code[1:], code + "A", code + "=", " " + code, code + "\n", code[:42] + "/", "%" + code[1:], strings.ToUpper(code)} {
		if got, _ := w.token(w.as("rp", exchange(bad))); got.Access != "" || got.Error != "invalid_grant" {
			t.Errorf("code %q: %+v", bad, got)
		}
	}
	got := w.redeem(code)
	for _, bad := range []string{got.Refresh[1:], got.Refresh + "A", got.Refresh + ".", got.Refresh + "=", got.Refresh + "\x00", strings.Replace(got.Refresh, ".", "..", 1), got.Access} {
		if w.refresh(bad).Error != "invalid_grant" {
			t.Errorf("refresh token %q", bad)
		}
	}
	if w.refresh(got.Refresh).Access == "" {
		t.Error("malformed handles ended the family: they prove nothing")
	}
}
