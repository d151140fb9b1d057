package provider_test

import (
	"crypto/rand"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/pairwise"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/provider"
	"eulogin.example/idp/internal/seal"
	"eulogin.example/idp/internal/session"
)

// sectors registers two clients of one sector and one of another; all know persons by pairwise subs.
func sectors(w *world) {
	for id, redirect := range map[string]string{"a1": "https://a.example/one", "a2": "https://a.example/two", "b1": "https://b.example/one"} {
		host := redirect[:len("https://a.example")]
		w.register(id, map[string]any{
			"redirect_uris": []string{redirect}, "subject_type": "pairwise", "scope": "openid email offline_access", "grant_types": []string{"authorization_code", "refresh_token"},
			"post_logout_redirect_uris": []string{host + "/bye"}, "backchannel_logout_uri": host + "/logout", "frontchannel_logout_uri": host + "/frame", "frontchannel_logout_session_required": true,
		})
	}
}

// at gives the parameters of a request of one of them.
func at(id string, changes ...string) url.Values {
	redirect := map[string]string{"a1": "https://a.example/one", "a2": "https://a.example/two", "b1": "https://b.example/one"}[id]
	return ask(append([]string{"client_id", id, "redirect_uri", redirect, "scope", "openid email offline_access"}, changes...)...)
}

// enters signs a person in to one of them.
func (w *world) enters(id string, c *http.Cookie, changes ...string) tokens {
	w.t.Helper()
	q := at(id, changes...)
	got, rec := w.token(w.as(id, exchange(answer(w.authorize(q, c)).Get("code"), "redirect_uri", q.Get("redirect_uri"))))
	if got.ID == "" {
		w.t.Fatalf("%s: %d %s", id, rec.Code, rec.Body)
	}
	return got
}

// OpenID Connect Core §8: wherever a client hears of a person, it is by the sub of its sector.
func TestPairwiseSubsAreOfTheSector(t *testing.T) {
	w := newWorld(t)
	sectors(w)
	c := w.signIn(true)
	subs := map[string]string{}
	for _, id := range []string{"a1", "a2", "b1"} {
		got := w.enters(id, c)
		claims := w.claims(got.ID)
		sub := claims["sub"].(string)
		subs[id] = sub
		refreshed, _ := w.token(w.as(id, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {got.Refresh}}))
		var info map[string]any
		w.must(json.Unmarshal(w.userinfo(got.Access).Body.Bytes(), &info))
		cl, err := w.clients.ByID(t.Context(), id)
		w.must(err)
		logout, err := provider.LogoutToken(provider.Config{Issuer: w.issuer, Now: w.now, Ring: w.ring, Subjects: w.subjects}, cl, anna, w.sidOf(c), "jti1")
		w.must(err)
		for where, told := range map[string]map[string]any{"refresh": w.claims(refreshed.ID), "userinfo": info, "introspection": w.introspected(id, got.Access), "logout token": w.claims(logout)} {
			if told["sub"] != sub || where != "userinfo" && told["sid"] != claims["sid"] {
				t.Errorf("%s, %s: %v and %v, not %s and %v", id, where, told["sub"], told["sid"], sub, claims["sid"])
			}
		}
	}
	if subs["a1"] != subs["a2"] || subs["a1"] == subs["b1"] || subs["a1"] == string(anna) || subs["b1"] == string(anna) {
		t.Errorf("%v", subs)
	}
}

// sidOf gives the sid of a session as it is kept.
func (w *world) sidOf(c *http.Cookie) string {
	w.t.Helper()
	sess, err := w.sessions.ByToken(w.t.Context(), c.Value)
	w.must(err)
	return sess.ID
}

// Two sectors cannot be joined by anything that is told without a scope that the person gave: no value that names
// somebody or something is the same in both.
func TestTwoSectorsCannotBeJoined(t *testing.T) {
	w := newWorld(t)
	sectors(w)
	c := w.signIn(true)
	a, b := w.claims(w.enters("a1", c, "scope", "openid", "nonce", "na").ID), w.claims(w.enters("b1", c, "scope", "openid", "nonce", "nb").ID)
	for name := range maps.Keys(a) {
		switch name {
		case "iss", "acr", "amr", "auth_time", "iat", "exp": // of many people
		default:
			if same, _ := json.Marshal(a[name]); string(same) == func() string { other, _ := json.Marshal(b[name]); return string(other) }() {
				t.Errorf("%s is %s in both", name, same)
			}
		}
	}
	kept := w.sidOf(c)
	// The frames of a sign-out have each sector's own sid, which is in its ID tokens (Front-Channel Logout 1.0 §2).
	page := w.do("GET", "/end_session?"+url.Values{"id_token_hint": {w.enters("a1", c).ID}}.Encode(), nil, c).Body.String()
	for host, told := range map[string]map[string]any{"a": a, "b": b} {
		if sid := told["sid"].(string); strings.Count(page, sid) != 1 || !strings.Contains(page, "https://"+host+".example/frame?iss=https%3A%2F%2Fidp.example&amp;sid="+sid) {
			t.Errorf("%s: %s", host, page)
		}
	}
	if strings.Contains(page, kept) {
		t.Error("the page tells the sid as it is kept")
	}
}

// A sub never changes: not by time, not by another process, not by another of the sector's clients coming and going.
func TestAPairwiseSubStays(t *testing.T) {
	w := newWorld(t)
	sectors(w)
	before := w.claims(w.enters("a1", w.signIn(true)).ID)["sub"]
	box, err := seal.New(make([]byte, 32))
	w.must(err)
	w.subjects, err = pairwise.Open(t.Context(), w.store, box, w.now(), rand.Reader)
	w.must(err)
	w.pass(400 * 24 * time.Hour)
	w.must(w.ring.Refresh(t.Context()))
	w.serve()
	if after := w.claims(w.enters("a1", w.signIn(true)).ID)["sub"]; after != before {
		t.Errorf("%v, then %v", before, after)
	}
}

// What a client tells back is understood: a hint, one person by sub, a sign-out.
func TestPairwiseSubsAreUnderstood(t *testing.T) {
	w := newWorld(t)
	sectors(w)
	c := w.signIn(true)
	got := w.enters("a1", c)
	sub := w.claims(got.ID)["sub"].(string)
	foreign := w.claims(w.enters("b1", c).ID)["sub"].(string)
	silently := func(changes ...string) url.Values {
		return answer(w.authorize(at("a1", append(changes, "prompt", "none")...), c))
	}
	if a := silently("id_token_hint", got.ID); a.Get("code") == "" {
		t.Errorf("her own hint: %v", a)
	}
	berta := w.berta()
	for _, tt := range []struct{ hint, want string }{{got.ID, "login_required"}, {"", ""}} {
		if a := answer(w.authorize(at("a1", "id_token_hint", tt.hint, "prompt", "none"), berta)); a.Get("error") != tt.want {
			t.Errorf("somebody else with the hint %.10q: %v", tt.hint, a)
		}
	}
	person := func(sub string) string { return `{"id_token":{"sub":{"value":"` + sub + `"}}}` }
	if a := silently("claims", person(sub)); a.Get("code") == "" {
		t.Errorf("she by her sub: %v", a)
	}
	for name, other := range map[string]string{"another sector's": foreign, "the account": string(anna), "nobody's": "p00" + strings.Repeat("0", 44)} {
		if a := silently("claims", person(other)); a.Get("error") != "login_required" {
			t.Errorf("%s sub: %v", name, a)
		}
	}
	rec := w.do("GET", "/end_session?"+url.Values{"id_token_hint": {got.ID}}.Encode(), nil, c)
	if rec.Code != http.StatusOK || strings.Contains(rec.Body.String(), "/end_session/confirm") {
		t.Errorf("sign-out with her hint asks: %d %s", rec.Code, rec.Body)
	}
	if a := silently(); a.Get("error") != "login_required" {
		t.Errorf("the session lives: %v", a)
	}
}

// berta signs another person in.
func (w *world) berta() *http.Cookie {
	w.t.Helper()
	const id = "n00bertaaaa"
	w.must(w.store.Create(w.t.Context(), account.Account{
		ID: id, GivenName: "Berta", FamilyName: "Berg", Email: "berta@example.org", EmailKey: "berta@example.org", MailLang: "de", Status: account.Active, CreatedAt: w.now(),
	}, "x", nil, nil))
	token, _, err := w.sessions.Start(w.t.Context(), id, []policy.Proof{{Method: policy.Password, At: w.now()}}, session.Meta{})
	w.must(err)
	return &http.Cookie{Name: "__Host-eulogin_session", Value: token}
}

// RFC 7662 §5, RFC 9068 §6: a resource server hears the sub of its own sector, whoever's token it reads, and in no JWT
// does one of them see the sub that the other has.
func TestAResourceServerHearsItsOwnSub(t *testing.T) {
	w := apis(t)
	sectors(w)
	w.register("wiki", map[string]any{
		"redirect_uris": []string{"https://b.example/wiki"}, "subject_type": "pairwise", "resource_identifiers": []string{wiki}, "scope": "openid",
	})
	c := w.signIn(true)
	own := w.claims(w.enters("b1", c).ID)
	q := aimed(wiki)
	q.Set("scope", "openid")
	got := w.redeem(answer(w.authorize(q, c)).Get("code"))
	if told := w.introspected("wiki", got.Access); told["sub"] != own["sub"] || told["sid"] != own["sid"] {
		t.Errorf("%v, not %v", told, own)
	}
	if told := w.introspected("rp", got.Access); told["sub"] != string(anna) {
		t.Errorf("its public client: %v", told)
	}
	w.register("rp", map[string]any{"redirect_uris": []string{callback}, "resources": []string{wiki, mail}, "access_token_format": "jwt"})
	for _, resources := range [][]string{{wiki}, {wiki, mail}, nil} {
		q["resource"] = resources
		got := w.redeem(answer(w.authorize(q, c)).Get("code"))
		if jwt := strings.Count(got.Access, ".") == 2; jwt != (resources == nil) {
			t.Errorf("for %v it is a JWT: %v", resources, jwt)
		}
		if told := w.introspected("wiki", got.Access); resources != nil && told["sub"] != own["sub"] {
			t.Errorf("for %v: %v", resources, told)
		}
	}
}

// A list of redirect addresses is read when a client is registered, and nothing is registered that it does not name.
func TestASectorIsProvedWhenAClientIsRegistered(t *testing.T) {
	w := newWorld(t)
	metadata := func(list string) []byte {
		return []byte(`{"client_id":"two-hosts","client_name":"A","redirect_uris":["https://c.example/cb","https://d.example/cb"],"response_types":["code"],"grant_types":["authorization_code"],
		"token_endpoint_auth_method":"none","scope":"openid","subject_type":"pairwise","sector_identifier_uri":"` + list + `"}`)
	}
	w.outside["sector.example"] = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/good":
			_, _ = rw.Write([]byte(`["https://c.example/cb","https://d.example/cb"]`))
		case "/short":
			_, _ = rw.Write([]byte(`["https://c.example/cb"]`))
		default:
			rw.WriteHeader(http.StatusNotFound)
		}
	})
	for _, list := range []string{"https://sector.example/short", "https://sector.example/absent"} {
		if _, err := w.registrar.Register(t.Context(), "test", metadata(list)); err == nil {
			t.Errorf("registered by %s", list)
		}
	}
	if _, err := w.registrar.Register(t.Context(), "test", metadata("https://sector.example/good")); err != nil {
		t.Error(err)
	}
}
