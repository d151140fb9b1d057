package provider_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/check"
)

const testedIssuer = "https://idp.example/check/tested"

// tested registers a client of the integration check.
func (w *world) tested(changes map[string]any) {
	w.t.Helper()
	m := map[string]any{
		"redirect_uris": []string{"https://tested.example/cb"}, "integration_check": true, "initiate_login_uri": "https://tested.example/login?a=1", "backchannel_logout_uri": "https://tested.example/logout",
	}
	for k, v := range changes {
		m[k] = v
	}
	w.register("tested", m)
}

// asTested authenticates the client at its own issuer.
func (w *world) asTested(form url.Values) url.Values {
	form.Set("client_id", "tested")
	form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
	form.Set("client_assertion", w.assertion("tested", map[string]any{"aud": testedIssuer}))
	return form
}

// json sends a request of a program.
func (w *world) program(method, path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, w.issuer+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	return rec
}

// startRun begins a run and gives its id.
func (w *world) startRun() string {
	w.t.Helper()
	rec := w.program("POST", "/integration/runs", w.asTested(url.Values{}))
	var got struct{ Run, Page, Report, Issuer string }
	w.must(json.Unmarshal(rec.Body.Bytes(), &got))
	if rec.Code != http.StatusCreated || len(got.Run) != 43 || got.Page != w.issuer+"/integration/runs/"+got.Run || got.Report != got.Page+".json" || got.Issuer != testedIssuer {
		w.t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	return got.Run
}

// plays plays a case.
func (w *world) plays(run, id string) {
	w.t.Helper()
	if rec := w.program("POST", "/integration/runs/"+run+"/cases/"+id+"/play", nil); rec.Code != http.StatusOK {
		w.t.Fatalf("%s: %d %s", id, rec.Code, rec.Body)
	}
}

// asksTested sends the authorization request of the tested client.
func (w *world) asksTested(changes ...string) *httptest.ResponseRecorder {
	q := ask(append([]string{"client_id", "tested", "redirect_uri", "https://tested.example/cb", "scope", "openid email", "acr_values", "https://eulogin.example/loa/medium", "max_age", "300"}, changes...)...)
	return w.do("GET", "/check/tested/authorize?"+q.Encode(), nil)
}

func (w *world) redeemsTested(code string) tokens {
	rec := w.do("POST", "/check/tested/oauth/token", w.asTested(url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {"https://tested.example/cb"}, "code_verifier": {verifier}}))
	var got tokens
	_ = json.Unmarshal(rec.Body.Bytes(), &got)
	return got
}

func (w *world) informsTested(token string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", testedIssuer+"/oauth/userinfo", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	return rec
}

// verdict reads one line of the report.
func (w *world) verdict(run, id string) check.Verdict {
	w.t.Helper()
	var got struct {
		Cases []struct {
			Case    string
			Verdict check.Verdict
		}
	}
	w.must(json.Unmarshal(w.do("GET", "/integration/runs/"+run+".json", nil).Body.Bytes(), &got))
	for _, c := range got.Cases {
		if c.Case == id {
			return c.Verdict
		}
	}
	w.t.Fatalf("no %s in the report", id)
	return ""
}

// testedKeys is the key set of the tested client's issuer.
func (w *world) testedKeys() (set jose.JSONWebKeySet) {
	w.t.Helper()
	w.must(json.Unmarshal(w.do("GET", "/check/tested/oauth/keys", nil).Body.Bytes(), &set))
	return set
}

// A service that does everything right is signed in to by somebody who does not exist, and is told so.
func TestAGoodAnswerOfTheIntegrationCheck(t *testing.T) {
	w := newWorld(t)
	w.tested(nil)
	run := w.startRun()
	var doc map[string]any
	w.must(json.Unmarshal(w.do("GET", "/check/tested/.well-known/openid-configuration", nil).Body.Bytes(), &doc))
	if doc["issuer"] != testedIssuer || doc["token_endpoint"] != testedIssuer+"/oauth/token" || doc["authorization_response_iss_parameter_supported"] != true {
		t.Fatalf("%v", doc)
	}
	w.plays(run, "good")
	got := answer(w.asksTested())
	if got.Get("iss") != testedIssuer || got.Get("state") != "s1" || got.Get("code") == "" {
		t.Fatalf("%v", got)
	}
	all := w.redeemsTested(got.Get("code"))
	jws, err := jose.ParseSignedCompact(all.ID, []jose.SignatureAlgorithm{jose.ES256})
	w.must(err)
	set := w.testedKeys()
	payload, err := jws.Verify(set.Key(jws.Signatures[0].Header.KeyID)[0])
	w.must(err)
	var claims map[string]any
	w.must(json.Unmarshal(payload, &claims))
	if claims["iss"] != testedIssuer || claims["aud"] != "tested" || claims["nonce"] != "n1" || claims["acr"] != "https://eulogin.example/loa/medium" || !strings.HasPrefix(claims["sub"].(string), "check-") || len(set.Keys) != 1 {
		t.Errorf("%v", claims)
	}
	if w.verdict(run, "good") != check.Open {
		t.Error("the verdict is out before anything was seen of the service")
	}
	var info map[string]any
	w.must(json.Unmarshal(w.informsTested(all.Access).Body.Bytes(), &info))
	if info["sub"] != claims["sub"] || info["email"] != "integration.check@example.org" {
		t.Errorf("%v", info)
	}
	if v := w.verdict(run, "good"); v != check.Passed {
		t.Errorf("%s", v)
	}
	if again := w.redeemsTested(got.Get("code")); again.Error != "invalid_grant" {
		t.Errorf("twice: %+v", again)
	}
	if next := answer(w.asksTested()); next.Get("error") != "access_denied" || next.Get("iss") != testedIssuer {
		t.Errorf("a case answers once: %v", next)
	}
}

// Every case of the browser and the ID token is played over the wire; what the service does then is seen.
func TestEveryCaseIsPlayed(t *testing.T) {
	w := newWorld(t)
	w.tested(nil)
	run := w.startRun()
	for _, c := range check.Cases {
		if c.Part == check.Logout {
			continue
		}
		w.plays(run, c.ID)
		got := answer(w.asksTested())
		switch c.ID {
		case "state-wrong", "state-missing":
			if got.Get("state") == "s1" || got.Get("code") == "" {
				t.Errorf("%s: %v", c.ID, got)
			}
		case "iss-wrong", "iss-missing":
			if got.Get("iss") == testedIssuer || got.Get("code") == "" {
				t.Errorf("%s: %v", c.ID, got)
			}
		case "error":
			if got.Get("error") != "access_denied" || got.Has("code") {
				t.Errorf("%v", got)
			}
			continue
		}
		all := w.redeemsTested(got.Get("code"))
		if (c.ID == "code-foreign") != (all.Error == "invalid_grant") {
			t.Errorf("%s: %+v", c.ID, all)
			continue
		}
		if all.ID != "" && c.Part != check.Authorization {
			w.holdsPlayed(c, all.ID)
			w.informsTested(all.Access)
		}
		want := check.Failed
		if c.Accept() {
			want = check.Passed
		}
		if c.Part == check.UserInfo || c.ID == "code-foreign" {
			want = check.Open
		}
		if v := w.verdict(run, c.ID); v != want {
			t.Errorf("%s: a careless service gets %s, not %s", c.ID, v, want)
		}
	}
	if set := w.testedKeys(); len(set.Keys) != 2 {
		t.Errorf("%d keys after the rotation", len(set.Keys))
	}
}

// holdsPlayed holds the signature of an ID token against its case.
func (w *world) holdsPlayed(c check.Case, token string) {
	w.t.Helper()
	parts := strings.Split(token, ".")
	if c.ID == "alg-none" {
		if len(parts) != 3 || parts[2] != "" {
			w.t.Errorf("alg none: %q", token)
		}
		return
	}
	jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.ES256, jose.HS256})
	w.must(err)
	header, set := jws.Signatures[0].Header, w.testedKeys()
	keys := set.Key(header.KeyID)
	if len(keys) != 1 {
		w.t.Fatalf("%s: the kid %q is not published", c.ID, header.KeyID)
	}
	_, err = jws.Verify(keys[0])
	if wants := c.ID != "signature" && c.ID != "alg-hs256"; (err == nil) != wants {
		w.t.Errorf("%s: %v", c.ID, err)
	}
	if (c.ID == "alg-hs256") != (header.Algorithm == "HS256") {
		w.t.Errorf("%s: %s", c.ID, header.Algorithm)
	}
	if c.ID == "rotation" && header.KeyID != set.Keys[1].KeyID {
		w.t.Error("the new key does not sign")
	}
}

// The logout tokens go to the registered address, and its answer is the verdict.
func TestTheIntegrationCheckPlaysLogouts(t *testing.T) {
	w := newWorld(t)
	w.tested(nil)
	run := w.startRun()
	status := http.StatusOK
	var got []string
	w.listening = func(address, token string) (int, error) {
		if address != "https://tested.example/logout" {
			t.Errorf("%s", address)
		}
		got = append(got, token)
		return status, nil
	}
	for _, id := range []string{"logout-good", "logout-signature", "logout-aud", "logout-nonce", "logout-events"} {
		for s, want := range map[int]check.Verdict{200: check.Failed, 400: check.Passed, 503: check.Open} {
			if status = s; id == "logout-good" {
				want = map[int]check.Verdict{200: check.Passed, 400: check.Failed, 503: check.Open}[s]
			}
			w.plays(run, id)
			if v := w.verdict(run, id); v != want {
				t.Errorf("%s %d: %s", id, s, v)
			}
		}
	}
	got, status = nil, http.StatusOK
	w.plays(run, "logout-replay")
	if len(got) != 2 || got[0] != got[1] || w.verdict(run, "logout-replay") != check.Failed {
		t.Errorf("%d tokens, %s", len(got), w.verdict(run, "logout-replay"))
	}
	w.listening = func(string, string) (int, error) { return 0, fmt.Errorf("connection refused") }
	w.plays(run, "logout-good")
	if v := w.verdict(run, "logout-good"); v != check.Open {
		t.Errorf("an address that is down: %s", v)
	}
	w.tested(map[string]any{"backchannel_logout_uri": ""})
	w.plays(run, "logout-nonce")
	if v := w.verdict(run, "logout-nonce"); v != check.Skipped {
		t.Errorf("without an address: %s", v)
	}
}

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

// The page of a run names every case in every language.
func TestThePageOfARun(t *testing.T) {
	w := newWorld(t)
	w.tested(nil)
	run := w.startRun()
	w.plays(run, "expired")
	for _, lang := range []string{"en", "fr", "de"} {
		rec := w.do("GET", "/integration/runs/"+run+"?lang="+lang, nil)
		body := rec.Body.String()
		if rec.Code != http.StatusOK || strings.Contains(body, "integration.case.") || strings.Contains(body, "integration.duty.") || strings.Contains(body, "integration.part.") {
			t.Errorf("%s: %d\n%s", lang, rec.Code, body)
		}
		if !strings.Contains(body, `href="https://tested.example/login?a=1&amp;iss=`+url.QueryEscape(testedIssuer)+`"`) || rec.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: no start at the service\n%s", lang, body)
		}
	}
	if rec := w.do("GET", "/integration", nil); rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), "https://idp.example/check/CLIENT_ID") {
		t.Errorf("%d", rec.Code)
	}
}

func FuzzPathsOfTheCheck(f *testing.F) {
	for _, seed := range []string{"tested/authorize", "rp/authorize", "/authorize", "tested//oauth/keys", "tested/oauth/keys/", "%2e%2e/authorize", "tested/../authorize", "tested/.well-known/openid-configuration"} {
		f.Add(seed)
	}
	w := newWorld(f)
	w.tested(nil)
	f.Fuzz(func(t *testing.T, path string) {
		r := httptest.NewRequest("GET", w.issuer+"/check/x", nil)
		r.URL.Path = "/check/" + path
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		if rec.Code >= 500 || rec.Code == http.StatusOK && path != "tested/oauth/keys" && path != "tested/.well-known/openid-configuration" {
			t.Errorf("%q: %d", path, rec.Code)
		}
	})
}
