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
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/policy"
)

const (
	exchangeGrant = "urn:ietf:params:oauth:grant-type:token-exchange"
	accessType    = "urn:ietf:params:oauth:token-type:access_token"
)

// delegating registers a wiki that asks the mail for its people, a gateway to the provider, and rp, to which
// people sign in.
func delegating(t testing.TB) *world {
	w := apis(t, "scope", "openid email profile offline_access wiki.read wiki.write mail.send", "grant_types", []string{"authorization_code", "refresh_token", exchangeGrant})
	w.acts("wiki", nil)
	w.acts("mail", map[string]any{"resource_identifiers": []string{mail}, "scope": "mail.send"})
	w.acts("gateway", map[string]any{"resource_identifiers": nil, "exchanges": []string{"rp"}, "scope": "openid email", "resources": nil})
	return w
}

// acts registers a client that acts for people: the wiki, with changes.
func (w *world) acts(id string, changes map[string]any) {
	m := map[string]any{
		"grant_types": []string{exchangeGrant}, "response_types": []string{}, "resource_identifiers": []string{wiki}, "resources": []string{mail, wiki}, "scope": "wiki.read mail.send openid email",
	}
	maps.Copy(m, changes)
	w.register(id, m)
}

// shown is a person's token that rp shows at the wiki.
func (w *world) shown(scopes string, resources ...string) tokens {
	w.t.Helper()
	q := aimed(resources...)
	q.Set("scope", scopes)
	return w.redeem(answer(w.authorize(q, w.signIn(true))).Get("code"))
}

const allScopes = "openid email wiki.read wiki.write mail.send"

// traded is a request of token exchange; changes lay over it, a name that comes again stands twice.
func traded(token string, changes ...string) url.Values {
	form := url.Values{"grant_type": {exchangeGrant}, "subject_token": {token}, "subject_token_type": {accessType}}
	for i := 0; i < len(changes); i += 2 {
		if changes[i] == "resource" {
			form.Add("resource", changes[i+1])
			continue
		}
		form.Set(changes[i], changes[i+1])
	}
	return form
}

// trade exchanges a token in a client's name, and gives the whole answer.
func (w *world) trade(as, token string, changes ...string) (string, map[string]any) {
	w.t.Helper()
	_, rec := w.token(w.as(as, traded(token, changes...)))
	var out map[string]any
	w.must(json.Unmarshal(rec.Body.Bytes(), &out))
	access, _ := out["access_token"].(string)
	return access, out
}

// RFC 8693: less than what was shown, for the same person and sign-in, and who acts is told.
func TestATokenIsExchangedForALesserOne(t *testing.T) {
	w := delegating(t)
	got := w.shown(allScopes, wiki, mail)
	before := w.introspected("wiki", got.Access)
	w.pass(2 * time.Minute)
	token, answer := w.trade("wiki", got.Access, "resource", mail, "scope", "mail.send", "requested_subject", "n00bertaaaa", "sub", "n00bertaaaa")
	if token == "" || answer["issued_token_type"] != accessType || answer["token_type"] != "Bearer" || answer["expires_in"] != float64(180) || answer["scope"] != "mail.send" || answer["refresh_token"] != nil || answer["id_token"] != nil {
		t.Fatalf("%v", answer)
	}
	told := w.introspected("mail", token)
	for _, kept := range []string{"sub", "acr", "amr", "auth_time", "sid", "exp", "iss"} {
		if a, b := asJSON(told[kept]), asJSON(before[kept]); a != b || a == "null" {
			t.Errorf("%s: %s, not %s", kept, a, b)
		}
	}
	if told["client_id"] != "wiki" || told["scope"] != "mail.send" || asJSON(told["aud"]) != asJSON([]string{mail}) || asJSON(told["act"]) != `{"sub":"wiki"}` || before["act"] != nil {
		t.Errorf("%v", told)
	}
	// Without a wish: what both have, and never offline_access.
	if _, answer := w.trade("wiki", w.shown(allScopes+" offline_access", wiki, mail).Access); answer["scope"] != "openid email wiki.read mail.send" {
		t.Errorf("%v", answer)
	}
	// For the provider, by registration: userinfo tells what the scopes say.
	token, _ = w.trade("gateway", w.shown(allScopes).Access, "scope", "openid email")
	var info map[string]any
	w.must(json.Unmarshal(w.userinfo(token).Body.Bytes(), &info))
	if info["sub"] != string(anna) || info["email"] == nil || info["name"] != nil {
		t.Errorf("%v", info)
	}
}

func asJSON(v any) string {
	raw, _ := json.Marshal(v)
	return string(raw)
}

// Security case 19: nobody gets more by showing a token than the token had, and only who is meant gets anything.
func TestExchangesThatAreRefused(t *testing.T) {
	w := delegating(t)
	robot(w, nil)
	w.register("stranger", map[string]any{"grant_types": []string{exchangeGrant}, "response_types": []string{}, "scope": "openid email wiki.read", "resources": []string{wiki, mail}})
	both, wikis, none := w.shown(allScopes, wiki, mail), w.shown(allScopes, wiki), w.shown(allScopes)
	offline := w.redeem(w.code())
	own, _ := w.own("resource", wiki)
	stale := w.shown(allScopes, wiki)
	w.do("POST", "/oauth/revoke", w.as("rp", url.Values{"token": {stale.Access}}))
	const bad, scope, target = "invalid_request", "invalid_scope", "invalid_target"
	for name, tt := range map[string]struct {
		as, token string
		changes   []string
		want      string
	}{
		"a client that the token is not for":     {"stranger", both.Access, nil, bad},
		"a token for others alone":               {"mail", wikis.Access, nil, bad},
		"a registered client, for others alone":  {"gateway", wikis.Access, nil, bad},
		"a client that is not registered for it": {"wiki", none.Access, nil, bad},
		"more than the token has":                {"wiki", w.shown("openid wiki.read", wiki, mail).Access, []string{"scope", "mail.send"}, scope},
		"more than the client has":               {"wiki", both.Access, []string{"scope", "wiki.write"}, scope},
		"one scope too many":                     {"wiki", both.Access, []string{"scope", "mail.send profile"}, scope},
		"one that the client has not":            {"wiki", both.Access, []string{"scope", "mail.send wiki.write"}, scope},
		"to stay":                                {"rp", offline.Access, []string{"scope", "openid offline_access"}, scope},
		"nothing that both have":                 {"mail", w.shown("openid email", wiki, mail).Access, nil, scope},
		"a resource that the token is not for":   {"wiki", wikis.Access, []string{"resource", mail}, target},
		"the provider as well":                   {"wiki", both.Access, []string{"resource", w.issuer}, target},
		"one that is not there":                  {"wiki", both.Access, []string{"resource", mail, "resource", "https://unknown.example"}, target},
		"one by another name":                    {"wiki", both.Access, []string{"audience", "mail"}, target},
		"an actor beside the client":             {"wiki", both.Access, []string{"actor_token", wikis.Access, "actor_token_type", accessType}, bad},
		"the type of one":                        {"wiki", both.Access, []string{"actor_token_type", accessType}, bad},
		"an ID token":                            {"wiki", both.ID, []string{"subject_token_type", "urn:ietf:params:oauth:token-type:id_token"}, bad},
		"an ID token as something else":          {"wiki", both.ID, nil, bad},
		"a refresh token":                        {"rp", offline.Refresh, []string{"subject_token_type", "urn:ietf:params:oauth:token-type:refresh_token"}, bad},
		"a refresh token as something else":      {"rp", offline.Refresh, nil, bad},
		"no type":                                {"wiki", both.Access, []string{"subject_token_type", ""}, bad},
		"for an ID token":                        {"wiki", both.Access, []string{"requested_token_type", "urn:ietf:params:oauth:token-type:id_token"}, bad},
		"for a refresh token":                    {"wiki", both.Access, []string{"requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token"}, bad},
		"for a JWT":                              {"wiki", both.Access, []string{"requested_token_type", "urn:ietf:params:oauth:token-type:jwt"}, bad},
		"a program's own token":                  {"wiki", own.Access, []string{"scope", "wiki.read"}, bad},
		"a revoked one":                          {"wiki", stale.Access, nil, bad},
		"nonsense":                               {"wiki", "x", nil, bad},
		"none":                                   {"wiki", "", nil, bad},
		"a client without the grant":             {"other", both.Access, nil, "unauthorized_client"},
	} {
		if token, answer := w.trade(tt.as, tt.token, tt.changes...); token != "" || answer["error"] != tt.want {
			t.Errorf("%s: %v", name, answer)
		}
	}
	form := traded(both.Access)
	form.Set("client_id", "wiki")
	if got, rec := w.token(form); got.Error != "invalid_client" || rec.Code != http.StatusUnauthorized {
		t.Errorf("without authentication: %d %s", rec.Code, rec.Body)
	}
	w.pass(5 * time.Minute)
	if token, answer := w.trade("wiki", both.Access); token != "" || answer["error"] != bad {
		t.Errorf("past its end: %v", answer)
	}
}

// Security case 5: who acts for a person takes only the sign-ins that it would take itself.
func TestAnExchangeNeedsTheSignInThatItsClientWants(t *testing.T) {
	for name, tt := range map[string]struct {
		changes map[string]any
		medium  bool
		good    bool
	}{
		"a strong one":     {map[string]any{"default_acr_values": []string{policy.ACRMedium}}, true, true},
		"a weaker one":     {map[string]any{"default_acr_values": []string{policy.ACRMedium}}, false, false},
		"any":              {nil, false, true},
		"one from lately":  {map[string]any{"default_max_age": 120}, false, true},
		"one from earlier": {map[string]any{"default_max_age": 59}, false, false},
	} {
		w := delegating(t)
		w.acts("wiki", tt.changes)
		q := aimed(wiki)
		q.Set("scope", "openid wiki.read")
		got := w.redeem(answer(w.authorize(q, w.signIn(tt.medium))).Get("code"))
		w.pass(time.Minute)
		if token, answer := w.trade("wiki", got.Access); (token != "") != tt.good {
			t.Errorf("%s: %v", name, answer)
		}
	}
}

// Security cases 18 and 19: what was given for a token ends with it, whatever ends it, and with the right to it.
func TestAnExchangedTokenEndsWithWhatItWasGivenFor(t *testing.T) {
	gone := func(w *world, id string) {
		w.must(os.Remove(filepath.Join(w.folder, id+".json")))
		w.must(w.clients.Reload())
	}
	for name, end := range map[string]func(w *world, shown tokens, token string){
		"revoked itself": func(w *world, _ tokens, token string) {
			w.do("POST", "/oauth/revoke", w.as("wiki", url.Values{"token": {token}}))
		},
		"the shown one revoked": func(w *world, shown tokens, _ string) {
			w.do("POST", "/oauth/revoke", w.as("rp", url.Values{"token": {shown.Access}}))
		},
		"its family revoked": func(w *world, shown tokens, _ string) {
			w.do("POST", "/oauth/revoke", w.as("rp", url.Values{"token": {shown.Refresh}}))
		},
		"account disabled":     func(w *world, _ tokens, _ string) { w.exec(`UPDATE accounts SET status = 'disabled'`) },
		"its time":             func(w *world, _ tokens, _ string) { w.pass(5 * time.Minute) },
		"the person's service": func(w *world, _ tokens, _ string) { gone(w, "rp") },
		"who acts":             func(w *world, _ tokens, _ string) { gone(w, "wiki") },
		"who acts, by its grant": func(w *world, _ tokens, _ string) {
			w.acts("wiki", map[string]any{"grant_types": []string{"client_credentials"}, "scope": "wiki.read"})
		},
	} {
		w := delegating(t)
		shown := w.shown(allScopes+" offline_access", wiki, mail)
		token, _ := w.trade("wiki", shown.Access, "resource", mail, "scope", "mail.send")
		if on, _ := w.active("mail", token); !on {
			t.Fatalf("%s: it is not active before", name)
		}
		end(w, shown, token)
		if on, body := w.active("mail", token); on {
			t.Errorf("%s: %s", name, body)
		}
	}
	w := delegating(t)
	c := w.signIn(true)
	q := aimed(wiki, mail)
	q.Set("scope", "openid mail.send wiki.read")
	shown := w.redeem(answer(w.authorize(q, c)).Get("code"))
	token, _ := w.trade("wiki", shown.Access, "resource", mail)
	again, _ := w.trade("mail", token)
	w.do("GET", "/end_session?"+url.Values{"id_token_hint": {shown.ID}}.Encode(), nil, c)
	for _, dead := range []string{token, again} {
		if on, body := w.active("mail", dead); on || again == "" {
			t.Errorf("after the sign-out: %s", body)
		}
	}
	code := answer(w.authorize(q, w.signIn(true))).Get("code")
	token, _ = w.trade("wiki", w.redeem(code).Access, "resource", mail)
	w.token(w.as("rp", exchange(code)))
	if on, body := w.active("mail", token); on || token == "" {
		t.Errorf("after the code came twice: %s", body)
	}
	token, _ = w.trade("wiki", w.shown(allScopes, wiki, mail).Access)
	again, _ = w.trade("mail", token, "resource", mail)
	if on, body := w.active("mail", again); !on {
		t.Fatalf("it is not active before: %s", body)
	}
	w.acts("wiki", map[string]any{"grant_types": []string{"client_credentials"}, "scope": "wiki.read"})
	if on, body := w.active("mail", again); on {
		t.Errorf("after one in between lost the grant: %s", body)
	}
}

// RFC 8693 §4.1: who acts for whom stands in one another, the present one outside; a line has an end.
func TestActorsStandInOneAnother(t *testing.T) {
	w := delegating(t)
	first := w.shown(allScopes, wiki, mail).Access
	own, _ := w.trade("rp", first, "scope", "wiki.read mail.send openid") // rp narrows its own: nobody else acts
	second, _ := w.trade("wiki", own)
	third, _ := w.trade("mail", second, "resource", mail)
	for i, tt := range []struct{ as, token, act string }{{"rp", own, "null"}, {"wiki", second, `{"sub":"wiki"}`}, {"mail", third, `{"act":{"sub":"wiki"},"sub":"mail"}`}} {
		if told := w.introspected(tt.as, tt.token); told["active"] != true || told["sub"] != string(anna) || asJSON(told["act"]) != tt.act {
			t.Errorf("%d: %v", i, told)
		}
	}
	fourth, _ := w.trade("mail", third)
	if token, answer := w.trade("mail", fourth); fourth == "" || token != "" || answer["error"] != "invalid_request" {
		t.Errorf("a fifth: %v", answer)
	}
	// The one in the middle takes all that came after with it.
	w.do("POST", "/oauth/revoke", w.as("wiki", url.Values{"token": {second}}))
	for _, token := range []string{third, fourth} {
		if on, _ := w.active("mail", token); on {
			t.Error("it outlived the one that it was given for")
		}
	}
	if on, _ := w.active("rp", own); !on {
		t.Error("the one before ended")
	}
}

// RFC 9449: whoever acts cannot prove the key of the token that it was shown. What it gets is bound to a key of its own,
// and never bound to none.
func TestAnExchangedTokenOfAKey(t *testing.T) {
	w := delegating(t)
	q := aimed(wiki, mail)
	q.Set("scope", allScopes)
	client, service := w.holder(), w.holder()
	_, out := client.post("/oauth/token", w.as("rp", exchange(answer(w.authorize(q, w.signIn(true))).Get("code"))), client.proof("POST", "/oauth/token", "", client.nonce(), nil))
	bound := out["access_token"].(string)
	if token, answer := w.trade("wiki", bound); token != "" || answer["error"] != "invalid_dpop_proof" {
		t.Errorf("without a key: %v", answer)
	}
	for name, token := range map[string]string{"of a bound token": bound, "of a bearer token": w.shown(allScopes, wiki, mail).Access} {
		_, out := service.post("/oauth/token", w.as("wiki", traded(token, "resource", mail)), service.proof("POST", "/oauth/token", "", service.nonce(), nil))
		got, _ := out["access_token"].(string)
		told := w.introspected("mail", got)
		if out["token_type"] != "DPoP" || told["token_type"] != "DPoP" || told["cnf"].(map[string]any)["jkt"] != service.jkt() {
			t.Errorf("%s: %v %v", name, out, told)
		}
	}
}

// A JWT tells the same.
func TestAnExchangedTokenAsAJWT(t *testing.T) {
	w := delegating(t)
	w.acts("wiki", map[string]any{"access_token_format": "jwt"})
	before := w.shown(allScopes, wiki, mail).Access
	w.pass(time.Minute)
	token, _ := w.trade("wiki", before, "resource", mail)
	claims, told := w.claims(token), w.introspected("mail", token)
	for _, name := range []string{"sub", "aud", "exp", "client_id", "scope", "acr", "auth_time", "sid", "act"} {
		if a, b := asJSON(claims[name]), asJSON(told[name]); a != b || a == "null" {
			t.Errorf("%s: %s, and by introspection %s", name, a, b)
		}
	}
	if told["exp"] != w.introspected("rp", before)["exp"] {
		t.Errorf("it outlives what it was given for: %v", told)
	}
}

// Of a hundred exchanges with one client assertion one is answered; of a hundred that race with the revocation of
// what they show, nothing is left.
func TestOneOfAHundredExchangesWithOneAssertion(t *testing.T) {
	w := delegating(t)
	shown := w.shown(allScopes, wiki, mail)
	form := w.as("wiki", traded(shown.Access))
	var won atomic.Int64
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if got, _ := w.token(form); got.Access != "" {
				won.Add(1)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Fatalf("%d were answered", won.Load())
	}
	forms := make([]url.Values, 100)
	for i := range forms {
		forms[i] = w.as("wiki", traded(shown.Access))
	}
	revocation := w.as("rp", url.Values{"token": {shown.Access}})
	given := make([]string, 100)
	for i, form := range forms {
		wg.Go(func() {
			if i == 50 {
				w.do("POST", "/oauth/revoke", revocation)
			}
			got, _ := w.token(form)
			given[i] = got.Access
		})
	}
	wg.Wait()
	for _, token := range slices.DeleteFunc(given, func(s string) bool { return s == "" }) {
		if on, _ := w.active("wiki", token); on {
			t.Fatal("one outlived the revocation")
		}
	}
}

// An outage is 503 and uses nothing up; without one an exchange needs three trips, and no write to what lasts.
func TestAnExchangeAndTheStores(t *testing.T) {
	w := delegating(t)
	shown := w.shown(allScopes, wiki, mail)
	writes := w.watch()
	before := writes()
	w.kv.trips.Store(0)
	token, _ := w.trade("wiki", shown.Access)
	if token == "" || w.kv.trips.Load() != 3 || writes() != before {
		t.Errorf("%d trips", w.kv.trips.Load())
	}
	for name, down := range map[string]func(bool){"expiring": w.kv.down.Store, "lasting": w.lasting.down.Store} {
		form := w.as("wiki", traded(shown.Access))
		down(true)
		_, rec := w.token(form)
		down(false)
		if rec.Code != http.StatusServiceUnavailable || rec.Header().Get("Retry-After") == "" || strings.Contains(rec.Body.String(), "invalid_") {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
	}
	if token, answer := w.trade("wiki", shown.Access); token == "" {
		t.Errorf("after the outage: %v", answer)
	}
}
