package provider_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"eulogin.example/idp/internal/consent"
)

// An agreement from before the person stopped a claim does not bring it back.
func TestAnAgreementDoesNotOutliveAStop(t *testing.T) {
	w := newWorld(t)
	c := w.signIn(true)
	w.redeem(answer(w.authorize(ask("scope", "openid email"), c)).Get("code"))
	flow, b, cookie := w.asked(ask("scope", "openid email", "prompt", "consent"), c)
	_, err := w.login.Reviewed(t.Context(), flow, b, []string{"email"})
	w.must(err)
	w.finish(flow, b)
	w.pass(time.Second)
	w.must(w.consents.Stop(t.Context(), anna, "rp", "email"))
	w.pass(time.Second)
	if a := answer(w.do("GET", "/authorize/callback?id="+flow, nil, cookie)); a.Get("error") != "consent_required" || slices.Contains(w.given("rp"), "email") {
		t.Errorf("%v, the ledger: %v", a, w.given("rp"))
	}
}

// meanwhile does something when the ledger asks for the time next: between two steps of what it is doing. The
// time that it gets is the one from before.
func (w *world) meanwhile(do func()) {
	var done bool
	w.consents.Now = func() time.Time {
		now := w.now()
		if !done {
			done = true
			w.pass(time.Millisecond)
			do()
			w.pass(time.Millisecond)
		}
		return now
	}
}

// A withdrawal and a sign-in at once: whichever is written first, no code of it gives anything.
func TestASignInAmidAWithdrawal(t *testing.T) {
	w := newWorld(t)
	c := w.signIn(true)
	q := func() string { return answer(w.authorize(ask("scope", "openid email"), c)).Get("code") }
	w.redeem(q())
	w.pass(time.Second)
	code := ""
	w.meanwhile(func() { code = q() })
	w.must(w.consents.Withdraw(t.Context(), anna, "rp"))
	if got, _ := w.token(w.as("rp", exchange(code))); code == "" || got.Error != "invalid_grant" {
		t.Errorf("a code that was made while a withdrawal was written: %q %+v", code, got)
	}
	w = newWorld(t)
	c = w.signIn(true)
	got := w.redeem(q())
	w.pass(time.Second)
	w.meanwhile(func() { w.must(w.consents.Withdraw(t.Context(), anna, "rp")) })
	if code := q(); code != "" {
		t.Errorf("a withdrawal was not seen by the sign-in that it came into: %s", code)
	}
	if rec := w.userinfo(got.Access); rec.Code != http.StatusUnauthorized {
		t.Errorf("userinfo: %d", rec.Code)
	}
}

// Offline access is stopped between the look at the ledger and the write of the family, which no revocation
// finds: it gives nothing.
func TestAFamilyThatBeginsAmidAStop(t *testing.T) {
	w := newWorld(t)
	code := w.code()
	w.lasting.before = func() { w.must(w.consents.Stop(t.Context(), anna, "rp", consent.Offline)) }
	got := w.redeem(code)
	if again := w.refresh(got.Refresh); got.Refresh == "" || again.Error != "invalid_grant" {
		t.Errorf("%+v", again)
	}
}

// What the person takes back between the look at the ledger and the write of an agreement stays taken back.
func TestAnAgreementAmidAStop(t *testing.T) {
	w := newWorld(t)
	c := w.signIn(true)
	w.redeem(answer(w.authorize(ask("scope", "openid email"), c)).Get("code"))
	w.lasting.before = func() {
		w.lasting.before = nil
		w.must(w.consents.Stop(t.Context(), anna, "rp", "email"))
	}
	if a := w.agrees(ask("scope", "openid email", "prompt", "consent"), c, "email"); a.Get("error") != "consent_required" || slices.Contains(w.given("rp"), "email") {
		t.Errorf("%v, the ledger: %v", a, w.given("rp"))
	}
}

// What is stopped for the service that people use is told to no service that acts for them through it.
func TestAStopReachesWhatActsForThem(t *testing.T) {
	w := delegating(t)
	got, _ := w.token(w.as("gateway", traded(w.shown("openid email").Access)))
	w.only("before", w.info(got.Access), "email", "email_verified")
	w.must(w.consents.Stop(t.Context(), anna, "rp", "email"))
	w.only("stopped", w.info(got.Access))
}
