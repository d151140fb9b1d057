package provider_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/signing"
	"eulogin.example/idp/internal/signout"
)

func TestD24EndSession(t *testing.T) {
	w := newWorld(t)
	c := w.signIn(true)
	code := answer(w.authorize(ask(), c)).Get("code")
	got := w.redeem(code)
	if rec := w.do("GET", "/end_session", nil, c); rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), "Service rp") {
		t.Fatalf("without a hint the person is asked: %d %s", rec.Code, rec.Body)
	}
	if rec := w.do("GET", "/end_session?"+url.Values{"id_token_hint": {got.ID}, "post_logout_redirect_uri": {"https://rp.example/bye"}, "state": {strings.Repeat("x", 1025)}}.Encode(), nil, c); rec.Header().Get("Location") != "" {
		t.Error("a state of any length is brought back")
	}
	for _, to := range []string{"https://evil.example", "https://rp.example/bye/", "//rp.example/bye", "https://rp.example/bye#x"} {
		if rec := w.do("GET", "/end_session?"+url.Values{"id_token_hint": {got.ID}, "post_logout_redirect_uri": {to}}.Encode(), nil, c); rec.Header().Get("Location") != "" {
			t.Errorf("%q: %s", to, rec.Header().Get("Location"))
		}
	}
	w.pass(2 * time.Hour / 3) // the hint may be old
	rec := w.do("GET", "/end_session?"+url.Values{"id_token_hint": {got.ID}, "post_logout_redirect_uri": {"https://rp.example/bye"}, "state": {"x"}}.Encode(), nil, c)
	if rec.Header().Get("Location") != "https://rp.example/bye?state=x" {
		t.Fatalf("%d %s %s", rec.Code, rec.Header().Get("Location"), rec.Body)
	}
	if a := answer(w.authorize(ask("prompt", "none"), c)); a.Get("error") != "login_required" {
		t.Fatalf("the session lives: %v", a)
	}
}

// A code that waits while the person signs out gives nothing: the service has been told that this session is
// over, and would not be told again. So it is for a device that was let in.
func TestACodeEndsWithItsSession(t *testing.T) {
	w := tv(t)
	c := w.signIn(true)
	var codes []string
	for _, scope := range []string{"openid", "openid offline_access"} {
		codes = append(codes, answer(w.authorize(ask("scope", scope), c)).Get("code"))
	}
	d := w.beginDevice("tv")
	b := &deviceBrowser{w, []*http.Cookie{c}}
	b.answer(b.typed(d.User), "allow")
	w.do("POST", "/end_session/confirm", url.Values{}, c)
	if n := w.count(`SELECT count(*) FROM outbox WHERE kind = 'backchannel_logout'`); n != 1 {
		t.Fatalf("%d logout tokens", n)
	}
	for _, code := range codes {
		if got, rec := w.token(w.as("rp", exchange(code))); got.Error != "invalid_grant" || got.ID != "" {
			t.Errorf("%d %s", rec.Code, rec.Body)
		}
	}
	if e, m := w.poll("tv", d.Device); e != "invalid_grant" || m["id_token"] != nil {
		t.Errorf("the device: %s %v", e, m)
	}
}

// While one window signs out, another one signs in to one more service: it is told as well, whenever that was.
func TestASignOutTellsWhoCameMeanwhile(t *testing.T) {
	w := newWorld(t)
	w.register("other", map[string]any{"redirect_uris": []string{"https://other.example/cb"}, "backchannel_logout_uri": "https://other.example/logout"})
	c := w.signIn(true)
	w.authorize(ask(), c)
	seen, err := w.sessions.ByToken(t.Context(), c.Value)
	w.must(err)
	q := ask("client_id", "other", "redirect_uri", "https://other.example/cb", "scope", "openid")
	got, _ := w.token(w.as("other", exchange(answer(w.authorize(q, c)).Get("code"), "redirect_uri", "https://other.example/cb")))
	if got.ID == "" {
		t.Fatalf("%+v", got)
	}
	ender := &signout.Service{Sessions: w.sessions, Store: w.store, Now: w.now, Kick: func() {}, Listens: func(string) bool { return true }}
	w.must(ender.EndSession(t.Context(), seen, "signed_out"))
	for _, id := range []string{"rp", "other"} {
		if n := w.count(`SELECT count(*) FROM outbox WHERE kind = 'backchannel_logout' AND CAST(payload AS TEXT) LIKE '%"` + id + `"%'`); n != 1 {
			t.Errorf("%s: %d logout tokens", id, n)
		}
	}
}

// Without a hint the person is asked; the yes ends the session, tells the services by the
// outbox, and goes on to the registered address.
func TestSignOutAfterTheQuestion(t *testing.T) {
	w := newWorld(t)
	c := w.signIn(true)
	got := w.redeem(answer(w.authorize(ask(), c)).Get("code"))
	page := w.do("GET", "/end_session?"+url.Values{"client_id": {"rp"}, "post_logout_redirect_uri": {"https://rp.example/bye"}, "state": {"x"}}.Encode(), nil, c)
	if page.Code != http.StatusOK || !strings.Contains(page.Header().Get("Content-Security-Policy"), "form-action 'self' https://rp.example") {
		t.Fatalf("%d %s", page.Code, page.Header().Get("Content-Security-Policy"))
	}
	if on, _ := w.active("rp", got.Access); !on {
		t.Fatal("the question ended something")
	}
	form := url.Values{"client_id": {"rp"}, "post_logout_redirect_uri": {"https://rp.example/bye"}, "state": {"x"}}
	rec := w.do("POST", "/end_session/confirm", form, c)
	if rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != "https://rp.example/bye?state=x" {
		t.Fatalf("%d %s", rec.Code, rec.Header().Get("Location"))
	}
	if a := answer(w.authorize(ask("prompt", "none"), c)); a.Get("error") != "login_required" {
		t.Errorf("the session lives: %v", a)
	}
	if n := w.count(`SELECT count(*) FROM outbox WHERE kind = 'backchannel_logout'`); n != 1 {
		t.Errorf("%d logout tokens are to be sent", n)
	}
	if rec := w.do("POST", "/end_session/confirm", url.Values{"client_id": {"rp"}, "post_logout_redirect_uri": {"https://evil.example"}}, c); rec.Header().Get("Location") != "" || rec.Code != http.StatusOK {
		t.Errorf("another address: %d %s", rec.Code, rec.Header().Get("Location"))
	}
}

// domain.md row 26: the pages say which services are told, and which are not.
func TestPagesNameTheServices(t *testing.T) {
	w := newWorld(t)
	c := w.signIn(true)
	w.authorize(ask(), c)
	w.authorize(ask("client_id", "other", "redirect_uri", "https://other.example/cb"), c)
	question := w.do("GET", "/end_session", nil, c).Body.String()
	done := w.do("POST", "/end_session/confirm", url.Values{}, c).Body.String()
	for what, page := range map[string]string{"question": question, "afterwards": done} {
		told, rest := strings.Index(page, "<li>Service rp</li>"), strings.Index(page, "<li>Service other</li>")
		note := strings.Index(page, "These services are not told")
		if told < 0 || note < told || rest < note {
			t.Errorf("%s: %s", what, page)
		}
	}
	if after := w.do("POST", "/end_session/confirm", url.Values{}, c).Body.String(); strings.Contains(after, "<li>Service") {
		t.Error("a session that is gone was told of")
	}
	for _, lang := range []string{"fr", "de"} {
		r := httptest.NewRequest("GET", w.issuer+"/end_session?ui_locales="+lang, nil)
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		if rec.Code != http.StatusOK || rec.Header().Get("Content-Language") != lang {
			t.Errorf("%s: %d %s", lang, rec.Code, rec.Header().Get("Content-Language"))
		}
	}
}

// A hint for another session of the same person, or of another service's making, asks.
func TestHintForAnotherSessionAsks(t *testing.T) {
	w := newWorld(t)
	old := w.redeem(w.code()) // of a session of its own
	c := w.signIn(true)
	rec := w.do("GET", "/end_session?"+url.Values{"id_token_hint": {old.ID}}.Encode(), nil, c)
	if rec.Code != http.StatusOK || rec.Header().Get("Location") != "" {
		t.Errorf("%d", rec.Code)
	}
	for name, hint := range map[string]string{"forged": old.ID[:len(old.ID)-4] + "AAAA", "garbage": "x", "no token": "e30.e30.e30"} {
		if rec := w.do("GET", "/end_session?"+url.Values{"id_token_hint": {hint}}.Encode(), nil, c); rec.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, rec.Code)
		}
	}
	if rec := w.do("GET", "/end_session?"+url.Values{"id_token_hint": {old.ID}, "client_id": {"other"}}.Encode(), nil, c); rec.Code != http.StatusUnprocessableEntity {
		t.Errorf("one service's hint with another's name: %d", rec.Code)
	}
	if a := answer(w.authorize(ask("prompt", "none"), c)); a.Get("code") == "" {
		t.Error("something of that ended the session")
	}
}

// D25: the key of a hint has left the key set long ago; the hint is understood, and a request
// with it is no error.
// Our keys may have signed for another issuer, before idp moved: its tokens name nobody here.
func TestHintsOfAnotherIssuer(t *testing.T) {
	w := newWorld(t)
	c := w.signIn(true)
	claims := w.claims(w.redeem(answer(w.authorize(ask(), c)).Get("code")).ID)
	claims["iss"] = "https://former.example"
	hint, err := w.ring.Sign(jose.ES256, signing.IDToken, claims)
	w.must(err)
	if rec := w.do("GET", "/end_session?"+url.Values{"id_token_hint": {hint}}.Encode(), nil, c); rec.Code != http.StatusUnprocessableEntity {
		t.Errorf("sign-out: %d", rec.Code)
	}
	claims["sub"] = "n00bertaaaa"
	hint, err = w.ring.Sign(jose.ES256, signing.IDToken, claims)
	w.must(err)
	if a := answer(w.authorize(ask("id_token_hint", hint, "prompt", "none"), c)); a.Get("code") == "" {
		t.Errorf("authorize: %v", a)
	}
}

func TestD25OldHintsAreUnderstood(t *testing.T) {
	w := newWorld(t)
	old := w.redeem(w.code()).ID
	for range 40 {
		w.pass(24 * time.Hour)
		w.must(w.ring.Refresh(w.t.Context()))
	}
	var set jose.JSONWebKeySet
	w.must(json.Unmarshal(w.do("GET", "/oauth/keys", nil).Body.Bytes(), &set))
	jws, err := jose.ParseSignedCompact(old, []jose.SignatureAlgorithm{jose.ES256})
	w.must(err)
	if len(set.Keys) == 0 || len(set.Key(jws.Signatures[0].Header.KeyID)) != 0 {
		t.Fatal("the old key is still trusted by everybody")
	}
	c := w.signIn(true)
	if a := answer(w.authorize(ask("id_token_hint", old, "prompt", "none"), c)); a.Get("code") == "" {
		t.Errorf("authorize: %v", a)
	}
	rec := w.do("GET", "/end_session?"+url.Values{"id_token_hint": {old}, "post_logout_redirect_uri": {"https://rp.example/bye"}}.Encode(), nil)
	if rec.Header().Get("Location") != "https://rp.example/bye" {
		t.Errorf("sign-out: %d %s", rec.Code, rec.Header().Get("Location"))
	}
	if a := answer(w.authorize(ask("id_token_hint", "rubbish", "prompt", "none"), c)); a.Get("code") == "" {
		t.Errorf("a hint that cannot be read must not lock anybody out: %v", a)
	}
}

// The end of a session ends its access tokens; those of offline_access live on, by design.
func TestTokensEndWithTheSession(t *testing.T) {
	w := newWorld(t)
	c := w.signIn(true)
	short := w.redeem(answer(w.authorize(ask("scope", "openid email"), c)).Get("code"))
	offline := w.redeem(answer(w.authorize(ask(), c)).Get("code"))
	if short.Refresh != "" || offline.Refresh == "" {
		t.Fatal("a refresh token comes with offline_access, and only with it")
	}
	w.do("POST", "/end_session/confirm", url.Values{}, c)
	if on, _ := w.active("rp", short.Access); on {
		t.Error("an access token outlived its session")
	}
	if w.userinfo(short.Access).Code != http.StatusUnauthorized {
		t.Error("userinfo answers after the sign-out")
	}
	if on, _ := w.active("rp", offline.Access); !on {
		t.Error("offline_access ended with the session")
	}
	if w.refresh(offline.Refresh).Access == "" {
		t.Error("offline_access cannot be refreshed after the sign-out")
	}
}

func (w *world) count(query string) (n int) {
	w.t.Helper()
	w.must(w.db.QueryRowContext(w.t.Context(), query).Scan(&n))
	return n
}
