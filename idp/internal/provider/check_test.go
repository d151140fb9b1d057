package provider_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/check"
)

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
