package provider_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Bad answers are for clients of the check alone: no other client, no real person and no key of ours ever
// comes near them.
func TestNothingIsPlayedToARealClient(t *testing.T) {
	w := newWorld(t)
	w.tested(nil)
	run := w.startRun()
	for _, path := range []string{"/.well-known/openid-configuration", "/oauth/keys", "/authorize", "/oauth/userinfo"} {
		for _, id := range []string{"rp", "app", "nobody", "tested/x", "TESTED"} {
			if rec := w.do("GET", "/check/"+id+path+"?"+ask("client_id", id).Encode(), nil, w.signIn(true)); rec.Code != http.StatusNotFound || rec.Header().Get("Location") != "" {
				t.Errorf("%q has an issuer of the check: %s %d %s", id, path, rec.Code, rec.Header().Get("Location"))
			}
		}
	}
	if rec := w.do("POST", "/check/rp/oauth/token", w.as("rp", exchange(w.code()))); rec.Code != http.StatusNotFound {
		t.Errorf("rp's token endpoint of the check: %d", rec.Code)
	}
	as := func(id string) url.Values {
		form := w.as(id, url.Values{"client_id": {id}})
		return form
	}
	if rec := w.program("POST", "/integration/runs", as("rp")); rec.Code != http.StatusUnauthorized {
		t.Errorf("a real client began a run: %d", rec.Code)
	}
	c, err := w.clients.ByID(t.Context(), "rp")
	w.must(err)
	if _, err := w.checks.Start(t.Context(), c); err == nil {
		t.Error("a run of a real client")
	}
	// Played and then asked by others: the case waits for its own client.
	w.plays(run, "alg-none")
	real := w.redeem(answer(w.authorize(ask(), w.signIn(true))).Get("code"))
	if w.claims(real.ID)["sub"] != string(anna) {
		t.Error("a real client's token is not right")
	}
	set := w.testedKeys()
	jws, err := jose.ParseSignedCompact(real.ID, []jose.SignatureAlgorithm{jose.ES256})
	w.must(err)
	if len(set.Key(jws.Signatures[0].Header.KeyID)) != 0 {
		t.Error("a key of the ring is in the key set of the check")
	}
}

// A client of the check is nothing at the endpoints of idp, and what it got is nothing there.
func TestAClientOfTheCheckIsNobodyElsewhere(t *testing.T) {
	w := newWorld(t)
	w.tested(nil)
	anna := w.signIn(true)
	if rec := w.authorize(ask("client_id", "tested", "redirect_uri", "https://tested.example/cb"), anna); rec.Header().Get("Location") != "" || rec.Code != http.StatusUnprocessableEntity {
		t.Errorf("authorize: %d %s", rec.Code, rec.Header().Get("Location"))
	}
	for path, form := range map[string]url.Values{
		"/oauth/token": exchange(w.code()), "/oauth/par": ask("client_id", "tested"), "/oauth/introspect": {"token": {"x"}}, "/oauth/revoke": {"token": {"x"}}, "/oauth/device_authorization": {"scope": {"openid"}},
	} {
		if rec := w.do("POST", path, w.as("tested", form)); rec.Code != http.StatusUnauthorized {
			t.Errorf("%s: %d %s", path, rec.Code, rec.Body)
		}
	}
	run := w.startRun()
	w.plays(run, "good")
	rec := w.do("GET", "/check/tested/authorize?"+ask("client_id", "tested", "redirect_uri", "https://tested.example/cb", "scope", "openid email").Encode(), nil, anna)
	all := w.redeemsTested(answer(rec).Get("code"))
	if all.ID == "" || strings.Contains(all.ID, "anna") || len(rec.Result().Cookies()) != 0 {
		t.Errorf("somebody's session counts: %+v", all)
	}
	if rec := w.userinfo(all.Access); rec.Code != http.StatusUnauthorized {
		t.Errorf("userinfo of idp: %d", rec.Code)
	}
	if on, _ := w.active("rp", all.Access); on {
		t.Error("introspection knows a token of the check")
	}
	if rec := w.do("GET", "/end_session?"+url.Values{"id_token_hint": {all.ID}}.Encode(), nil, anna); rec.Code != http.StatusUnprocessableEntity {
		t.Errorf("a hint of the check: %d", rec.Code)
	}
	if got := w.redeemsTested(w.code()); got.Error != "invalid_grant" {
		t.Errorf("a real code at the check: %+v", got)
	}
	if sess, err := w.sessions.ByToken(t.Context(), anna.Value); err != nil || slices.Contains(sess.Clients, "tested") {
		t.Errorf("%v %v", sess.Clients, err)
	}
}

// A run is begun by the client, opened by its id, and over after an hour with all that it gave.
func TestARunIsItsClientsForAnHour(t *testing.T) {
	w := newWorld(t)
	w.tested(nil)
	for name, form := range map[string]url.Values{
		"no assertion": {"client_id": {"tested"}}, "no client": {}, "for idp itself": w.as("tested", url.Values{"client_id": {"tested"}}),
		"another's key": func() url.Values { f := w.asTested(url.Values{}); f.Set("client_assertion", forged(w)); return f }(),
	} {
		if rec := w.program("POST", "/integration/runs", form); rec.Code != http.StatusUnauthorized || strings.Contains(rec.Body.String(), `"run"`) {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
	}
	once := w.asTested(url.Values{})
	page := w.do("POST", "/integration/runs", once)
	if page.Code != http.StatusSeeOther || !strings.HasPrefix(page.Header().Get("Location"), "/integration/runs/") {
		t.Fatalf("%d %s", page.Code, page.Header().Get("Location"))
	}
	if rec := w.do("POST", "/integration/runs", once); rec.Code != http.StatusUnauthorized {
		t.Errorf("the same assertion twice: %d", rec.Code)
	}
	first := strings.TrimPrefix(page.Header().Get("Location"), "/integration/runs/")
	for _, id := range []string{"", "x", strings.Repeat("A", 43), first + "x"} {
		for _, what := range []string{"", ".json"} {
			if rec := w.do("GET", "/integration/runs/"+id+what, nil); rec.Code != http.StatusGone && rec.Code != http.StatusNotFound {
				t.Errorf("%q: %d", id+what, rec.Code)
			}
		}
	}
	if rec := w.program("POST", "/integration/runs/"+first+"/cases/nonsense/play", nil); rec.Code != http.StatusNotFound {
		t.Errorf("%d", rec.Code)
	}
	if rec := w.program("POST", "/integration/runs/"+first+"/cases/good/tell", url.Values{"signed_in": {"yes"}}); rec.Code != http.StatusConflict {
		t.Errorf("told of what was not played: %d", rec.Code)
	}
	if rec := w.asksTested("redirect_uri", "https://evil.example/"); rec.Header().Get("Location") != "" {
		t.Errorf("%s", rec.Header().Get("Location"))
	}
	w.plays(first, "good")
	got := answer(w.asksTested())
	all := w.redeemsTested(got.Get("code"))
	w.plays(first, "good")
	w.pass(time.Hour)
	if rec := w.do("GET", "/integration/runs/"+first, nil); rec.Code != http.StatusGone {
		t.Errorf("after an hour: %d", rec.Code)
	}
	if late := answer(w.asksTested()); late.Get("error") != "access_denied" {
		t.Errorf("after an hour: %v", late)
	}
	if rec := w.informsTested(all.Access); rec.Code != http.StatusUnauthorized {
		t.Errorf("after an hour: %d", rec.Code)
	}
	if set := w.testedKeys(); len(set.Keys) != 0 {
		t.Errorf("after an hour there are keys: %v", set)
	}
}

// An outage is an outage, and the run goes on afterwards.
func TestTheIntegrationCheckSurvivesAnOutage(t *testing.T) {
	w := newWorld(t)
	w.tested(nil)
	run := w.startRun()
	w.plays(run, "good")
	w.kv.down.Store(true)
	for name, rec := range map[string]*httptest.ResponseRecorder{
		"authorize": w.asksTested(), "keys": w.do("GET", "/check/tested/oauth/keys", nil), "page": w.do("GET", "/integration/runs/"+run, nil),
		"userinfo": w.informsTested(strings.Repeat("A", 43)), "begin": w.do("POST", "/integration/runs", w.asTested(url.Values{})),
	} {
		if rec.Code != http.StatusServiceUnavailable {
			t.Errorf("%s: %d", name, rec.Code)
		}
	}
	w.kv.down.Store(false)
	if got := answer(w.asksTested()); got.Get("code") == "" {
		t.Errorf("%v", got)
	}
}

// A hundred bring one code of a run: one gets tokens.
func TestOneOfAHundredRedeemsACodeOfTheCheck(t *testing.T) {
	w := newWorld(t)
	w.tested(nil)
	w.plays(w.startRun(), "good")
	code := answer(w.asksTested()).Get("code")
	forms := make([]url.Values, 100)
	for i := range forms {
		forms[i] = w.asTested(url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {"https://tested.example/cb"}, "code_verifier": {verifier}})
	}
	var given atomic.Int64
	var wg sync.WaitGroup
	for _, form := range forms {
		wg.Go(func() {
			if w.do("POST", "/check/tested/oauth/token", form).Code == http.StatusOK {
				given.Add(1)
			}
		})
	}
	wg.Wait()
	if given.Load() != 1 {
		t.Errorf("%d", given.Load())
	}
}

// A code of the check is its client's, for its address and its verifier, as every code is; the issuer of one client is
// no other's.
func TestACodeOfTheCheckIsBound(t *testing.T) {
	w := newWorld(t)
	w.tested(nil)
	w.register("second", map[string]any{"redirect_uris": []string{"https://second.example/cb"}, "integration_check": true})
	run := w.startRun()
	w.plays(run, "good")
	if rec := w.asksTested("client_id", "second"); rec.Header().Get("Location") != "" || rec.Code < 400 {
		t.Errorf("another client's request: %d %s", rec.Code, rec.Header().Get("Location"))
	}
	for name, changes := range map[string][]string{
		"the address": {"redirect_uri", "https://tested.example/other"}, "the verifier": {"code_verifier", "another" + verifier}, "no verifier": {"code_verifier", ""},
		"another client": {"client_id", "second", "client_assertion", w.assertion("second", map[string]any{"aud": testedIssuer})},
	} {
		w.plays(run, "good")
		form := w.asTested(url.Values{"grant_type": {"authorization_code"}, "code": {answer(w.asksTested()).Get("code")}, "redirect_uri": {"https://tested.example/cb"}, "code_verifier": {verifier}})
		for i := 0; i < len(changes); i += 2 {
			form.Set(changes[i], changes[i+1])
		}
		if rec := w.do("POST", "/check/tested/oauth/token", form); rec.Code/100 != 4 || strings.Contains(rec.Body.String(), "access_token") {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
	}
}
