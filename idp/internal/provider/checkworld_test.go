package provider_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

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
