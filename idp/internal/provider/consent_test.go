package provider_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"eulogin.example/idp/internal/consent"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/session"
)

// asked opens a sign-in that a request leads to and gives it with the binding of its browser.
func (w *world) asked(q url.Values, cookies ...*http.Cookie) (flow, binding string, cookie *http.Cookie) {
	w.t.Helper()
	rec := w.authorize(q, cookies...)
	if flow = answer(rec).Get("flow"); flow == "" {
		w.t.Fatalf("nobody is asked: %d %s", rec.Code, rec.Header().Get("Location"))
	}
	cookie = rec.Result().Cookies()[0]
	return flow, ident.Digest(cookie.Value), cookie
}

// agrees goes through the page with these ticks and gives what the client receives.
func (w *world) agrees(q url.Values, own *http.Cookie, ticked ...string) url.Values {
	w.t.Helper()
	flow, b, cookie := w.asked(q, own)
	v, err := w.login.Look(w.t.Context(), flow, b)
	w.must(err)
	if v.Step != login.Review || !v.Asks {
		w.t.Fatalf("the page of consent is not shown, but %s", v.Step)
	}
	_, err = w.login.Reviewed(w.t.Context(), flow, b, ticked)
	w.must(err)
	_, err = w.login.Finish(w.t.Context(), flow, b, own.Value, session.Meta{})
	w.must(err)
	return answer(w.do("GET", "/authorize/callback?id="+flow, nil, cookie))
}

// given names what a service may know or do, in order.
func (w *world) given(client string) (out []string) {
	w.t.Helper()
	have, err := w.consents.Standing(w.t.Context(), anna, client)
	w.must(err)
	for claim, e := range have {
		if e.Given() {
			out = append(out, claim)
		}
	}
	slices.Sort(out)
	return out
}

func (w *world) outcome(q url.Values, cookie *http.Cookie) string {
	q.Set("prompt", "none")
	a := answer(w.authorize(q, cookie))
	if a.Get("code") != "" {
		return "code"
	}
	return a.Get("error")
}

func TestPromptConsentAlwaysAsks(t *testing.T) {
	w := newWorld(t)
	c := w.signIn(true)
	q := func() url.Values { return ask("scope", "openid email profile", "prompt", "consent") }
	for range 2 {
		got := w.redeem(w.agrees(q(), c, "email", "name").Get("code"))
		w.only("what was ticked", w.info(got.Access), "email", "email_verified", "name")
		w.only("what was ticked, in the ID token", w.claims(got.ID), "email", "email_verified", "name")
	}
	if got := w.given("rp"); !slices.Equal(got, []string{"email", "name", "sub"}) {
		t.Errorf("the ledger: %v", got)
	}
	_, info, _ := w.told("scope", "openid email profile")
	w.only("without the prompt, what was left out stays out", info, "email", "email_verified", "name")
	flow, b, cookie := w.asked(q(), c)
	_, err := w.login.Cancel(t.Context(), flow, b)
	w.must(err)
	if a := answer(w.do("GET", "/authorize/callback?id="+flow, nil, cookie)); a.Get("error") != "access_denied" {
		t.Errorf("refused: %v", a)
	}
	if a := answer(w.authorize(ask("prompt", "consent none"), c)); a.Get("error") != "invalid_request" {
		t.Errorf("consent and none: %v", a)
	}
}

// Security case 3: no way around the page: the callback holds the request against the ledger again.
func TestNobodyComesAroundTheConsentPage(t *testing.T) {
	w := newWorld(t)
	w.register("rp", map[string]any{"redirect_uris": []string{callback}, "consent": "person"})
	c := w.signIn(true)
	flow, b, cookie := w.asked(ask("scope", "openid email"), c)
	if _, err := w.login.Finish(t.Context(), flow, b, "", session.Meta{}); err == nil {
		t.Error("a sign-in ends before the person agreed")
	}
	if rec := w.do("GET", "/authorize/callback?id="+flow, nil, cookie); answer(rec).Get("code") != "" || rec.Code < 400 {
		t.Errorf("before the person agreed: %d", rec.Code)
	}
	if v, err := w.login.Reviewed(t.Context(), flow, b, nil); err != nil || v.Step != login.Done {
		t.Fatalf("%s %v", v.Step, err)
	}
	w.finish(flow, b)
	if a := answer(w.do("GET", "/authorize/callback?id="+flow, nil, cookie)); a.Get("code") == "" {
		t.Errorf("agreed: %v", a)
	}
	w.register("rp", map[string]any{"redirect_uris": []string{callback}})
	flow, cookie = w.signedIn(ask("scope", "openid email profile")) // nobody had to be asked
	w.register("rp", map[string]any{"redirect_uris": []string{callback}, "consent": "person"})
	if a := answer(w.do("GET", "/authorize/callback?id="+flow, nil, cookie)); a.Get("error") != "consent_required" {
		t.Errorf("the service wants it by now: %v", a)
	}
}

func TestPeopleAgreeToAService(t *testing.T) {
	w := newWorld(t)
	refresh := []string{"authorization_code", "refresh_token"}
	w.register("rp", map[string]any{"redirect_uris": []string{callback}, "consent": "person", "scope": "openid email profile offline_access", "grant_types": refresh})
	c := w.signIn(true)
	email := func(more ...string) url.Values { return ask(append([]string{"scope", "openid email"}, more...)...) }
	if got := w.outcome(email(), c); got != "consent_required" {
		t.Errorf("before: %s", got)
	}
	w.redeem(w.agrees(email(), c, "email").Get("code"))
	if got := w.outcome(email(), c); got != "code" {
		t.Errorf("agreed: %s", got)
	}
	more := func() url.Values { return ask("scope", "openid email profile offline_access") }
	if got := w.outcome(more(), c); got != "consent_required" {
		t.Errorf("more: %s", got)
	}
	got := w.redeem(w.agrees(more(), c, "email", "name").Get("code"))
	w.only("what was agreed to", w.info(got.Access), "email", "email_verified", "name")
	if got.Refresh != "" {
		t.Error("a refresh token without agreement")
	}
	if got := w.outcome(more(), c); got != "code" {
		t.Errorf("decided about all: %s", got)
	}
	essential := func() url.Values { return email("claims", `{"id_token":{"given_name":{"essential":true}}}`) }
	if got := w.outcome(essential(), c); got != "consent_required" {
		t.Errorf("what was left out, as essential: %s", got)
	}
	got = w.redeem(w.agrees(essential(), c).Get("code"))
	w.only("essential goes with agreeing", w.claims(got.ID), "given_name")
}

// Security case 18: what is withdrawn is dead wherever it is kept, and the service must ask again.
func TestWithdrawnConsentEndsEverything(t *testing.T) {
	w := newWorld(t)
	c := w.signIn(true)
	online := w.redeem(answer(w.authorize(ask("scope", "openid email"), c)).Get("code"))
	offline := w.redeem(answer(w.authorize(ask(), c)).Get("code"))
	open := answer(w.authorize(ask(), c)).Get("code")
	w.pass(time.Second)
	w.must(w.consents.Withdraw(t.Context(), anna, "rp"))
	dead := func(when string) {
		t.Helper()
		if got := w.refresh(offline.Refresh); got.Error != "invalid_grant" {
			t.Errorf("%s, refresh: %+v", when, got)
		}
		for name, token := range map[string]string{"online": online.Access, "offline": offline.Access} {
			if rec := w.userinfo(token); rec.Code != http.StatusUnauthorized || !strings.Contains(rec.Header().Get("WWW-Authenticate"), "invalid_token") {
				t.Errorf("%s, userinfo %s: %d", when, name, rec.Code)
			}
			if on, body := w.active("rp", token); on || strings.TrimSpace(body) != `{"active":false}` {
				t.Errorf("%s, introspection %s: %s", when, name, body)
			}
		}
	}
	dead("withdrawn")
	if got, _ := w.token(w.as("rp", exchange(open))); got.Error != "invalid_grant" {
		t.Errorf("a code from before: %+v", got)
	}
	if living, err := w.sessions.List(t.Context(), anna); err != nil || len(living) != 1 || slices.Contains(living[0].Clients, "rp") {
		t.Errorf("%+v %v", living, err)
	}
	if n := w.count(`SELECT COUNT(*) FROM outbox WHERE kind = 'backchannel_logout'`); n != 1 {
		t.Errorf("%d logout tokens", n)
	}
	if n := w.count(`SELECT COUNT(*) FROM audit_events WHERE action = 'consent.withdrawn'`); n != 1 {
		t.Errorf("%d events", n)
	}
	if err := w.consents.Withdraw(t.Context(), anna, "rp"); err == nil {
		t.Error("twice")
	}
	if got := w.outcome(ask("scope", "openid email"), c); got != "consent_required" {
		t.Errorf("a service that operators approved: %s", got)
	}
	w.pass(time.Second)
	again := w.redeem(w.agrees(ask("scope", "openid email"), c, "email").Get("code"))
	w.only("agreed again", w.info(again.Access), "email", "email_verified")
	dead("agreed again")
}

// An agreement from before a withdrawal gives nothing after it.
func TestAnAgreementDoesNotOutliveAWithdrawal(t *testing.T) {
	w := newWorld(t)
	c := w.signIn(true)
	w.redeem(answer(w.authorize(ask("scope", "openid"), c)).Get("code"))
	flow, b, cookie := w.asked(ask("scope", "openid email", "prompt", "consent"), c)
	_, err := w.login.Reviewed(t.Context(), flow, b, []string{"email"})
	w.must(err)
	w.finish(flow, b)
	w.pass(time.Second)
	w.must(w.consents.Withdraw(t.Context(), anna, "rp"))
	if a := answer(w.do("GET", "/authorize/callback?id="+flow, nil, cookie)); a.Get("error") != "consent_required" {
		t.Errorf("%v", a)
	}
}

func TestAStoppedClaimIsToldNoMore(t *testing.T) {
	w := newWorld(t)
	c := w.signIn(true)
	got := w.redeem(answer(w.authorize(ask("scope", "openid email profile offline_access"), c)).Get("code"))
	w.must(w.consents.Stop(t.Context(), anna, "rp", "email"))
	w.only("userinfo", w.info(got.Access), "name", "given_name", "family_name", "locale")
	got = w.refresh(got.Refresh)
	w.only("refreshed, the ID token", w.claims(got.ID), "name", "given_name", "family_name", "locale")
	w.only("refreshed, userinfo", w.info(got.Access), "name", "given_name", "family_name", "locale")
	q := ask("scope", "openid email")
	if got := w.outcome(q, c); got != "code" {
		t.Errorf("the service need not ask for what it can do without: %s", got)
	}
	if got := w.outcome(ask("scope", "openid email", "claims", `{"userinfo":{"email":{"essential":true}}}`), c); got != "consent_required" {
		t.Errorf("and must ask for what it cannot do without: %s", got)
	}
	for _, claim := range []string{"email", "sub", "address", "phone_number"} {
		if err := w.consents.Stop(t.Context(), anna, "rp", claim); err == nil {
			t.Errorf("%s can be stopped", claim)
		}
	}
	w.must(w.consents.Stop(t.Context(), anna, "rp", consent.Offline))
	if again := w.refresh(got.Refresh); again.Error != "invalid_grant" {
		t.Errorf("without offline access: %+v", again)
	}
	if next := w.redeem(answer(w.authorize(ask(), c)).Get("code")); next.Refresh != "" {
		t.Error("a refresh token after offline access was stopped")
	}
}

func TestARefreshTokenIsNotBegunAfterOfflineAccessWasStopped(t *testing.T) {
	w := newWorld(t)
	code := w.code()
	w.must(w.consents.Stop(t.Context(), anna, "rp", consent.Offline))
	if got := w.redeem(code); got.Refresh != "" {
		t.Error("the code outlived it")
	}
}

// A hundred refreshes and one withdrawal at once: whatever was answered is dead afterwards.
func TestAWithdrawalAgainstAHundredRefreshes(t *testing.T) {
	w := newWorld(t)
	var family []tokens
	for range 10 {
		family = append(family, w.redeem(w.code()))
	}
	w.pass(time.Second)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var got []tokens
	for i := range 100 {
		wg.Go(func() {
			if i == 50 {
				if err := w.consents.Withdraw(t.Context(), anna, "rp"); err != nil {
					t.Error(err)
				}
			}
			if next := w.refresh(family[i%10].Refresh); next.Access != "" {
				mu.Lock()
				got = append(got, next)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	t.Logf("%d were in time", len(got))
	for _, g := range append(got, family...) {
		if rec := w.userinfo(g.Access); rec.Code != http.StatusUnauthorized {
			t.Fatalf("an access token lives: %d", rec.Code)
		}
		if again := w.refresh(g.Refresh); again.Error != "invalid_grant" {
			t.Fatalf("a refresh token lives: %+v", again)
		}
	}
}
