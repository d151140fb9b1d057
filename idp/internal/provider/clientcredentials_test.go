package provider_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// robot registers a client that asks for itself, may ask for the wiki and the mail, and signs nobody in.
func robot(w *world, changes map[string]any) {
	m := map[string]any{
		"grant_types": []string{"client_credentials"}, "response_types": []string{}, "scope": "cpms.grants.read cpms.grants.write", "resources": []string{wiki, mail},
	}
	maps.Copy(m, changes)
	w.register("robot", m)
}

// own asks for a token of the robot's own.
func (w *world) own(changes ...string) (tokens, *recorded) {
	form := url.Values{"grant_type": {"client_credentials"}}
	for i := 0; i < len(changes); i += 2 {
		form.Add(changes[i], changes[i+1])
	}
	got, rec := w.token(w.as("robot", form))
	out := &recorded{Code: rec.Code, Body: map[string]any{}}
	w.must(json.Unmarshal(rec.Body.Bytes(), &out.Body))
	return got, out
}

// recorded is an answer of the token endpoint.
type recorded struct {
	Code int
	Body map[string]any
}

// introspected gives what introspection says to a client.
func (w *world) introspected(as, token string) map[string]any {
	w.t.Helper()
	_, body := w.active(as, token)
	var out map[string]any
	w.must(json.Unmarshal([]byte(body), &out))
	return out
}

// RFC 6749 §4.4: a token, and nothing that belongs to a person.
func TestAProgramGetsATokenOfItsOwn(t *testing.T) {
	w := apis(t)
	robot(w, nil)
	got, rec := w.own()
	if got.Access == "" || got.Refresh != "" || got.ID != "" || rec.Body["token_type"] != "Bearer" || rec.Body["scope"] != "cpms.grants.read cpms.grants.write" || rec.Body["expires_in"] != float64(300) {
		t.Fatalf("%v", rec.Body)
	}
	told := w.introspected("robot", got.Access)
	if told["active"] != true || told["sub"] != "robot" || told["client_id"] != "robot" || told["iss"] != w.issuer {
		t.Errorf("%v", told)
	}
	for _, personal := range []string{"acr", "amr", "auth_time", "sid", "email", "name"} {
		if v, there := told[personal]; there {
			t.Errorf("%s: %v", personal, v)
		}
	}
	less, rec := w.own("scope", "cpms.grants.read", "resource", wiki)
	if aud := w.introspected("robot", less.Access)["aud"]; rec.Body["scope"] != "cpms.grants.read" || len(aud.([]any)) != 1 || aud.([]any)[0] != wiki {
		t.Errorf("%v for %v", rec.Body, aud)
	}
}

func TestProgramsThatGetNothing(t *testing.T) {
	w := apis(t)
	robot(w, nil)
	for name, tt := range map[string]struct {
		changes []string
		want    string
	}{
		"openid":                {[]string{"scope", "openid"}, "invalid_scope"},
		"a person's scope":      {[]string{"scope", "cpms.grants.read email"}, "invalid_scope"},
		"a refresh token":       {[]string{"scope", "offline_access"}, "invalid_scope"},
		"what is not its own":   {[]string{"scope", "cpms.grants.delete"}, "invalid_scope"},
		"another spelling":      {[]string{"scope", "CPMS.grants.read"}, "invalid_scope"},
		"an unknown resource":   {[]string{"resource", "https://unknown.example"}, "invalid_target"},
		"one without its owner": {[]string{"resource", wiki, "resource", "https://nobody.example"}, "invalid_target"},
	} {
		if got, rec := w.own(tt.changes...); got.Access != "" || got.Error != tt.want || rec.Code != http.StatusBadRequest {
			t.Errorf("%s: %d %v", name, rec.Code, rec.Body)
		}
	}
	if got, _ := w.token(w.as("rp", url.Values{"grant_type": {"client_credentials"}})); got.Error != "unauthorized_client" {
		t.Errorf("a client without the grant: %q", got.Error)
	}
	if got, _ := w.token(url.Values{"grant_type": {"client_credentials"}, "client_id": {"robot"}}); got.Error != "invalid_client" {
		t.Errorf("without authentication: %q", got.Error)
	}
	form := w.as("robot", url.Values{"grant_type": {"client_credentials"}})
	if got, _ := w.token(form); got.Access == "" {
		t.Fatal("refused")
	}
	if got, _ := w.token(form); got.Error != "invalid_client" {
		t.Errorf("the same assertion again: %q", got.Error)
	}
}

// Security case 5: a program's token is nobody's, wherever it is shown.
func TestAProgramIsNoPerson(t *testing.T) {
	w := newWorld(t)
	robot(w, map[string]any{"resources": []string{}})
	got, _ := w.own()
	if rec := w.userinfo(got.Access); rec.Code != http.StatusForbidden || !strings.Contains(rec.Header().Get("WWW-Authenticate"), "insufficient_scope") {
		t.Errorf("userinfo: %d %s", rec.Code, rec.Header().Get("WWW-Authenticate"))
	}
	if rec := w.authorize(ask("client_id", "robot")); rec.Header().Get("Location") != "" {
		t.Errorf("authorize: %s", rec.Header().Get("Location"))
	}
	if again := w.refresh(got.Access); again.Error != "invalid_grant" {
		t.Errorf("refresh: %+v", again)
	}
	if rec := w.do("POST", "/oauth/device_authorization", w.as("robot", url.Values{"scope": {"cpms.grants.read"}})); rec.Code != http.StatusBadRequest {
		t.Errorf("device: %d %s", rec.Code, rec.Body)
	}
}

// Security cases 18 and 24: it ends with its client's right to it, by revocation, and by its time; others learn nothing.
func TestWhatEndsAProgramsToken(t *testing.T) {
	for name, end := range map[string]func(w *world, token string){
		"revoked": func(w *world, token string) {
			w.do("POST", "/oauth/revoke", w.as("robot", url.Values{"token": {token}}))
		},
		"past its end": func(w *world, _ string) { w.pass(5 * time.Minute) },
		"client gone": func(w *world, _ string) {
			w.must(os.Remove(filepath.Join(w.folder, "robot.json")))
			w.must(w.clients.Reload())
		},
		"grant taken away": func(w *world, _ string) {
			robot(w, map[string]any{"grant_types": []string{"authorization_code"}, "response_types": []string{"code"}, "redirect_uris": []string{"https://robot.example/cb"}, "scope": "openid"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			robot(w, map[string]any{"resources": []string{}})
			w.register("reader", map[string]any{"redirect_uris": []string{"https://reader.example/cb"}, "introspects": []string{"robot"}})
			got, _ := w.own()
			if on, _ := w.active("reader", got.Access); !on {
				t.Fatal("it is not active")
			}
			if on, _ := w.active("rp", got.Access); on {
				t.Error("another client learns of it")
			}
			w.exec(`UPDATE accounts SET status = 'disabled'`)
			if on, _ := w.active("reader", got.Access); !on {
				t.Error("it ended with somebody's account")
			}
			end(w, got.Access)
			if on, body := w.active("reader", got.Access); on || strings.TrimSpace(body) != `{"active":false}` {
				t.Errorf("%s", body)
			}
		})
	}
}

// RFC 9449 §5: a program's token may be bound to its key, and must be where the client says so.
func TestAProgramsTokenOfAKey(t *testing.T) {
	w := newWorld(t)
	robot(w, map[string]any{"resources": []string{}, "dpop_bound_access_tokens": true})
	if got, _ := w.own(); got.Error != "invalid_dpop_proof" {
		t.Errorf("%+v", got)
	}
	h := w.holder()
	rec, got := h.post("/oauth/token", w.as("robot", url.Values{"grant_type": {"client_credentials"}}), h.proof("POST", "/oauth/token", "", h.nonce(), nil))
	access, _ := got["access_token"].(string)
	told := w.introspected("robot", access)
	if rec.Code != http.StatusOK || told["token_type"] != "DPoP" || told["cnf"].(map[string]any)["jkt"] != h.jkt() {
		t.Errorf("%v", told)
	}
}

// An outage is 503, and costs two trips when it is none.
func TestAProgramsTokenAndTheStores(t *testing.T) {
	w := newWorld(t)
	robot(w, map[string]any{"resources": []string{}})
	writes := w.watch()
	before := writes()
	w.kv.trips.Store(0)
	if got, _ := w.own(); got.Access == "" || w.kv.trips.Load() != 2 || writes() != before {
		t.Errorf("%d trips", w.kv.trips.Load())
	}
	form := w.as("robot", url.Values{"grant_type": {"client_credentials"}})
	w.kv.down.Store(true)
	if _, rec := w.token(form); rec.Code != http.StatusServiceUnavailable || rec.Header().Get("Retry-After") == "" {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	w.kv.down.Store(false)
	if got, _ := w.token(form); got.Access == "" {
		t.Error("the assertion was used up")
	}
}

// RFC 9068 §2.2: the same as a JWT.
func TestAProgramsTokenAsAJWT(t *testing.T) {
	w := apis(t)
	robot(w, map[string]any{"access_token_format": "jwt"})
	got, _ := w.own("resource", wiki)
	claims := w.claims(got.Access)
	if claims["sub"] != "robot" || claims["client_id"] != "robot" || claims["scope"] != "cpms.grants.read cpms.grants.write" {
		t.Errorf("%v", claims)
	}
	for _, personal := range []string{"acr", "amr", "auth_time", "sid"} {
		if v, there := claims[personal]; there {
			t.Errorf("%s: %v", personal, v)
		}
	}
	if on, _ := w.active("robot", got.Access); !on {
		t.Error("it is not active")
	}
}

// A scope of an API may also be given by a person, in the code flow: then the token is the person's.
func TestAPersonGivesAScopeOfAnAPI(t *testing.T) {
	w := newWorld(t)
	w.register("rp", map[string]any{"redirect_uris": []string{callback}, "scope": "openid cpms.grants.read"})
	got := w.redeem(w.code("scope", "openid cpms.grants.read cpms.grants.write"))
	told := w.introspected("rp", got.Access)
	if told["sub"] != string(anna) || told["acr"] == nil || !slices.Equal(strings.Fields(told["scope"].(string)), []string{"openid", "cpms.grants.read"}) {
		t.Errorf("%v", told)
	}
}
