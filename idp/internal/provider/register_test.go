package provider_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/limit"
	"eulogin.example/idp/internal/registration"
)

// initial issues an initial access token for clients with these scopes.
func (w *world) initial(uses int64, p registration.Policy) string {
	w.t.Helper()
	if p.Scopes == nil {
		p.Scopes = []string{"openid", "email", "profile", "offline_access"}
	}
	_, token, err := w.registrar.IssueToken(w.t.Context(), "command root", uses, 7, p)
	w.must(err)
	return token
}

// json sends a body of JSON with a bearer token, and gives the answer's members.
func (w *world) json(method, address, token string, body any) (map[string]any, *httptest.ResponseRecorder) {
	w.t.Helper()
	raw, err := json.Marshal(body)
	w.must(err)
	r := httptest.NewRequest(method, address, strings.NewReader(string(raw)))
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	var out map[string]any
	_ = json.Unmarshal(rec.Body.Bytes(), &out)
	return out, rec
}

// dynamic registers a client that signs with the key of the world's client "rp"; changes lay over it.
func (w *world) dynamic(token string, changes map[string]any) (map[string]any, *httptest.ResponseRecorder) {
	w.t.Helper()
	m := map[string]any{"redirect_uris": []string{callback}, "token_endpoint_auth_method": "private_key_jwt"}
	var rp map[string]any
	w.must(json.Unmarshal(w.metadata("rp", nil), &rp))
	m["jwks"] = rp["jwks"]
	for k, v := range changes {
		if m[k] = v; v == nil {
			delete(m, k)
		}
	}
	return w.json("POST", w.issuer+"/oauth/register", token, m)
}

// adopt lets the world sign in the name of a registered client with the key of another.
func (w *world) adopt(made map[string]any, key string) string {
	id := made["client_id"].(string)
	w.keys[id] = w.keys[key]
	return id
}

// A service registers itself, signs somebody in, changes its registration, and ends it (RFC 7591, RFC 7592).
func TestAServiceRegistersItself(t *testing.T) {
	w := newWorld(t)
	made, rec := w.dynamic(w.initial(1, registration.Policy{}), map[string]any{"grant_types": []string{"authorization_code", "refresh_token"}, "client_name": "Self", "software_id": "x"})
	if rec.Code != http.StatusCreated || rec.Header().Get("Cache-Control") != "no-store" || !strings.HasPrefix(rec.Header().Get("Content-Type"), "application/json") {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	id, manage, token := w.adopt(made, "rp"), made["registration_client_uri"].(string), made["registration_access_token"].(string)
	if made["client_name"] != "Self" || made["client_id_issued_at"] != float64(w.now().Unix()) || made["token_endpoint_auth_signing_alg"] != "ES256" || made["id_token_signed_response_alg"] != "RS256" ||
		made["software_id"] != nil || made["client_secret"] != nil || made["client_secret_expires_at"] != nil || made["scope"] != "openid email profile offline_access" {
		t.Errorf("%v", made)
	}
	q, cookie := ask("client_id", id), w.signIn(true)
	if rec := w.authorize(q, cookie); !answer(rec).Has("flow") {
		t.Errorf("nobody was asked about a service that no operator vouches for: %s", rec.Header().Get("Location"))
	}
	got, rec := w.token(w.as(id, exchange(w.agrees(q, cookie, "email", "name", "offline_access").Get("code"))))
	if got.Refresh == "" {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	read, rec := w.json("GET", manage, token, nil)
	if rec.Code != http.StatusOK || read["client_id"] != id || read["registration_access_token"] != token || read["client_name"] != "Self" || rec.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	changed, rec := w.json("PUT", manage, token, map[string]any{
		"client_id": id, "redirect_uris": []string{"https://rp.example/new"}, "token_endpoint_auth_method": "private_key_jwt", "jwks": made["jwks"], "client_name": "Renamed",
	})
	next, _ := changed["registration_access_token"].(string)
	if rec.Code != http.StatusOK || next == "" || next == token || changed["scope"] != "openid email profile" {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	if rec := w.authorize(q, cookie); rec.Code != http.StatusUnprocessableEntity || rec.Header().Get("Location") != "" {
		t.Errorf("the former address is still good: %d", rec.Code)
	}
	if _, rec := w.json("DELETE", manage, token, nil); rec.Code != http.StatusUnauthorized {
		t.Errorf("with the former token: %d", rec.Code)
	}
	if _, rec := w.json("DELETE", manage, next, nil); rec.Code != http.StatusNoContent || rec.Body.Len() != 0 {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	if _, rec := w.json("GET", manage, next, nil); rec.Code != http.StatusUnauthorized {
		t.Errorf("after its end: %d", rec.Code)
	}
	if got, _ := w.token(w.as(id, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {got.Refresh}})); got.Error != "invalid_client" {
		t.Errorf("%+v", got)
	}
}

// domain.md row 29: a client that waits for its approval gets nothing, and reads its registration.
func TestAServiceWaitsForItsApproval(t *testing.T) {
	w := newWorld(t)
	made, rec := w.dynamic(w.initial(1, registration.Policy{Approval: true}), nil)
	if rec.Code != http.StatusCreated {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	q, cookie := ask("client_id", w.adopt(made, "rp"), "scope", "openid"), w.signIn(true)
	if rec := w.authorize(q, cookie); rec.Code != http.StatusForbidden || rec.Header().Get("Location") != "" {
		t.Errorf("before: %d", rec.Code)
	}
	if _, rec := w.json("GET", made["registration_client_uri"].(string), made["registration_access_token"].(string), nil); rec.Code != http.StatusOK {
		t.Errorf("it cannot look: %d", rec.Code)
	}
	_, err := w.registrar.Enable(t.Context(), "command root", made["client_id"].(string), 1)
	w.must(err)
	if w.agrees(q, cookie).Get("code") == "" {
		t.Error("after: no code")
	}
	_, err = w.registrar.Disable(t.Context(), "command root", made["client_id"].(string))
	w.must(err)
	if _, rec := w.json("GET", made["registration_client_uri"].(string), made["registration_access_token"].(string), nil); rec.Code != http.StatusForbidden {
		t.Errorf("a disabled one manages itself: %d", rec.Code)
	}
}

// The answers of RFC 7591 §3.2.2 and RFC 7592 §2.
func TestRegistrationErrors(t *testing.T) {
	w := newWorld(t)
	token := w.initial(1, registration.Policy{Hosts: []string{"rp.example"}})
	for name, tt := range map[string]struct {
		token   string
		changes map[string]any
		status  int
		code    string
	}{
		"no token":        {"", nil, 401, "invalid_request"},
		"a wrong token":   {strings.Repeat("A", 43), nil, 401, "invalid_token"},
		"a redirect":      {token, map[string]any{"redirect_uris": []string{"http://rp.example/cb"}}, 400, "invalid_redirect_uri"},
		"a fragment":      {token, map[string]any{"redirect_uris": []string{callback + "#x"}}, 400, "invalid_redirect_uri"},
		"another host":    {token, map[string]any{"redirect_uris": []string{"https://evil.example/cb"}}, 400, "invalid_redirect_uri"},
		"no redirect":     {token, map[string]any{"redirect_uris": nil}, 400, "invalid_redirect_uri"},
		"a method":        {token, map[string]any{"token_endpoint_auth_method": "client_secret_basic"}, 400, "invalid_client_metadata"},
		"no method":       {token, map[string]any{"token_endpoint_auth_method": nil}, 400, "invalid_client_metadata"},
		"a script":        {token, map[string]any{"policy_uri": "javascript:alert(1)"}, 400, "invalid_client_metadata"},
		"a statement":     {token, map[string]any{"software_statement": "e30.e30."}, 400, "unapproved_software_statement"},
		"a private key":   {token, map[string]any{"jwks": map[string]any{"keys": []any{map[string]any{"kty": "oct", "k": "AAAA", "kid": "1"}}}}, 400, "invalid_client_metadata"},
		"a text, no list": {token, map[string]any{"redirect_uris": callback}, 400, "invalid_client_metadata"},
	} {
		out, rec := w.dynamic(tt.token, tt.changes)
		if rec.Code != tt.status || out["error"] != tt.code || (tt.status == 401) != strings.HasPrefix(rec.Header().Get("WWW-Authenticate"), "Bearer") || out["client_id"] != nil {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
		text, _ := out["error_description"].(string)
		if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }) {
			t.Errorf("%s: %q is no error_description (RFC 6749 5.2)", name, text)
		}
	}
	for name, rec := range map[string]*httptest.ResponseRecorder{
		"a form":  w.do("POST", "/oauth/register", url.Values{"redirect_uris": {callback}}),
		"a query": second(w.json("POST", w.issuer+"/oauth/register?x=1", token, map[string]any{})),
	} {
		if rec.Code != http.StatusBadRequest || !strings.Contains(rec.Body.String(), `"invalid_request"`) {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
	}
	if rec := w.do("GET", "/oauth/register", nil); rec.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", rec.Code)
	}
	if _, rec := w.dynamic(token, nil); rec.Code != http.StatusCreated {
		t.Errorf("what was refused used the token up: %d %s", rec.Code, rec.Body)
	}
	if _, rec := w.dynamic(token, nil); rec.Code != http.StatusUnauthorized {
		t.Errorf("a token that is used up: %d %s", rec.Code, rec.Body)
	}
}

func second[A, B any](_ A, b B) B { return b }

// Neither endpoint is a place to guess at, or to fill the registry from.
func TestRegistrationsAreLimited(t *testing.T) {
	w := newWorld(t)
	token := w.initial(100, registration.Policy{})
	made, rec := w.dynamic(token, nil)
	if rec.Code != http.StatusCreated {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	for range limit.Table[limit.ClientRegister].Max {
		w.dynamic("", nil)
	}
	if _, rec = w.dynamic(token, nil); rec.Code != http.StatusTooManyRequests || rec.Header().Get("Retry-After") == "" {
		t.Errorf("registering: %d %s", rec.Code, rec.Body)
	}
	manage, own := made["registration_client_uri"].(string), made["registration_access_token"].(string)
	for range limit.Table[limit.ClientManage].Max {
		if _, rec := w.json("GET", manage, own, nil); rec.Code != http.StatusOK {
			t.Fatalf("%d %s", rec.Code, rec.Body)
		}
		_, rec = w.json("GET", manage, token, nil)
	}
	if rec.Code != http.StatusUnauthorized {
		t.Errorf("%d", rec.Code)
	}
	if _, rec := w.json("GET", manage, own, nil); rec.Code != http.StatusTooManyRequests {
		t.Errorf("managing: %d %s", rec.Code, rec.Body)
	}
	w.pass(limit.Table[limit.ClientManage].Pause + time.Second)
	if _, rec := w.json("GET", manage, own, nil); rec.Code != http.StatusOK {
		t.Errorf("after the pause: %d %s", rec.Code, rec.Body)
	}
}

// A store that does not answer is 503, and uses no token up.
func TestRegistrationDuringAnOutage(t *testing.T) {
	w := newWorld(t)
	token := w.initial(1, registration.Policy{})
	w.kv.down.Store(true)
	if _, rec := w.dynamic(token, nil); rec.Code != http.StatusServiceUnavailable || rec.Header().Get("Retry-After") == "" || strings.Contains(rec.Body.String(), "10.2.3") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	w.kv.down.Store(false)
	made, rec := w.dynamic(token, nil)
	if rec.Code != http.StatusCreated {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	w.must(w.db.Close())
	manage, own := made["registration_client_uri"].(string), made["registration_access_token"].(string)
	for _, rec := range []*httptest.ResponseRecorder{second(w.json("GET", manage, own, nil)), second(w.json("DELETE", manage, own, nil)), second(w.dynamic(own, nil))} {
		if rec.Code != http.StatusServiceUnavailable || strings.Contains(rec.Body.String(), "database") {
			t.Errorf("%d %s", rec.Code, rec.Body)
		}
	}
}

// Security case 42: nothing that a client authenticates with stands in the database, or in an answer but
// the one that gives it.
func TestRegistrationTokensAreKeptAsDigests(t *testing.T) {
	w := newWorld(t)
	token := w.initial(1, registration.Policy{})
	made, _ := w.dynamic(token, nil)
	own := made["registration_access_token"].(string)
	var kept []string
	for _, query := range []string{`SELECT metadata || state || token || initial_token || created_by FROM clients`, `SELECT digest || policy || created_by FROM initial_tokens`, `SELECT actor || subject || action || detail FROM audit_events`} {
		rows, err := w.db.QueryContext(t.Context(), query)
		w.must(err)
		for rows.Next() {
			var text string
			w.must(rows.Scan(&text))
			kept = append(kept, text)
		}
		w.must(rows.Err())
		w.must(rows.Close())
	}
	if len(kept) < 4 || slices.ContainsFunc(kept, func(text string) bool { return strings.Contains(text, own) || strings.Contains(text, token) }) {
		t.Errorf("%v", kept)
	}
}

// RFC 7591 §3.2.1: a secret comes with when it ends, in the answers that make one.
func TestASelfRegisteredSecretIsToldOnce(t *testing.T) {
	w := newWorld(t)
	made, rec := w.dynamic(w.initial(1, registration.Policy{}), map[string]any{"token_endpoint_auth_method": "client_secret_jwt", "jwks": nil})
	secret, _ := made["client_secret"].(string)
	if rec.Code != http.StatusCreated || len(secret) != 86 || made["client_secret_expires_at"] != float64(0) {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	manage, token := made["registration_client_uri"].(string), made["registration_access_token"].(string)
	read, _ := w.json("GET", manage, token, nil)
	if read["client_id"] != made["client_id"] || read["client_secret"] != nil || read["client_secret_expires_at"] != nil {
		t.Errorf("%v", read)
	}
	changed, rec := w.json("PUT", manage, token, map[string]any{
		"client_id": made["client_id"], "client_secret": secret, "redirect_uris": []string{callback}, "token_endpoint_auth_method": "client_secret_jwt",
	})
	if next, _ := changed["client_secret"].(string); rec.Code != http.StatusOK || len(next) != 86 || next == secret {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}
