package provider_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/ident"
)

// holder is a program that holds a key of its own.
type holder struct {
	*world
	alg jose.SignatureAlgorithm
	key crypto.Signer
}

func (w *world) holder() *holder {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	w.must(err)
	return &holder{w, jose.ES256, key}
}

func (h *holder) jkt() string {
	sum, err := (&jose.JSONWebKey{Key: h.key.Public()}).Thumbprint(crypto.SHA256)
	h.must(err)
	return base64.RawURLEncoding.EncodeToString(sum)
}

// proof makes a DPoP proof; changes lay over its claims, nil removes.
func (h *holder) proof(method, path, token, nonce string, changes map[string]any) string {
	h.t.Helper()
	claims := map[string]any{"jti": ident.NewID(rand.Reader), "htm": method, "htu": h.issuer + path, "iat": h.now().Unix()}
	if nonce != "" {
		claims["nonce"] = nonce
	}
	if token != "" {
		sum := sha256.Sum256([]byte(token))
		claims["ath"] = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	header := (&jose.SignerOptions{EmbedJWK: true}).WithType("dpop+jwt")
	for k, v := range changes {
		if k == "typ" || k == "jwk" {
			header.EmbedJWK = k == "typ"
			header.WithHeader(jose.HeaderKey(k), v)
			continue
		}
		if claims[k] = v; v == nil {
			delete(claims, k)
		}
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: h.alg, Key: h.key}, header)
	h.must(err)
	raw, err := json.Marshal(claims)
	h.must(err)
	jws, err := signer.Sign(raw)
	h.must(err)
	out, err := jws.CompactSerialize()
	h.must(err)
	return out
}

// post sends a form with proofs.
func (h *holder) post(path string, form url.Values, proofs ...string) (*httptest.ResponseRecorder, map[string]any) {
	r := httptest.NewRequest("POST", h.issuer+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, p := range proofs {
		r.Header.Add("DPoP", p)
	}
	rec := httptest.NewRecorder()
	h.handler.ServeHTTP(rec, r)
	var out map[string]any
	_ = json.Unmarshal(rec.Body.Bytes(), &out)
	return rec, out
}

// nonce asks for one, as RFC 9449 §8 has it.
func (h *holder) nonce() string {
	h.t.Helper()
	rec, out := h.post("/oauth/token", h.as("rp", exchange("x")), h.proof("POST", "/oauth/token", "", "", nil))
	if rec.Code != http.StatusBadRequest || out["error"] != "use_dpop_nonce" || rec.Header().Get("DPoP-Nonce") == "" {
		h.t.Fatalf("%d %v %v", rec.Code, out, rec.Header())
	}
	return rec.Header().Get("DPoP-Nonce")
}

// bound gives bound tokens of rp.
func (h *holder) bound(nonce string) map[string]any {
	h.t.Helper()
	rec, out := h.post("/oauth/token", h.as("rp", exchange(h.code())), h.proof("POST", "/oauth/token", "", nonce, nil))
	if rec.Code != http.StatusOK || out["token_type"] != "DPoP" {
		h.t.Fatalf("%d %v", rec.Code, out)
	}
	return out
}

func (h *holder) info(scheme, token string, proofs ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", h.issuer+"/oauth/userinfo", nil)
	r.Header.Set("Authorization", scheme+" "+token)
	for _, p := range proofs {
		r.Header.Add("DPoP", p)
	}
	rec := httptest.NewRecorder()
	h.handler.ServeHTTP(rec, r)
	return rec
}

// RFC 9449: tokens of a key serve who holds the key, and nobody else, in no other way.
func TestTokensOfAKey(t *testing.T) {
	w := newWorld(t)
	h, thief := w.holder(), w.holder()
	nonce := h.nonce()
	got := h.bound(nonce)
	access := got["access_token"].(string)
	if rec := h.info("DPoP", access, h.proof("GET", "/oauth/userinfo", access, nonce, nil)); rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), string(anna)) {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	for name, rec := range map[string]*httptest.ResponseRecorder{
		"as a bearer token":   h.info("Bearer", access),
		"bearer with a proof": h.info("Bearer", access, h.proof("GET", "/oauth/userinfo", access, nonce, nil)),
		"without a proof":     h.info("DPoP", access),
		"by a thief's key":    h.info("DPoP", access, thief.proof("GET", "/oauth/userinfo", access, nonce, nil)),
		"for another token":   h.info("DPoP", access, h.proof("GET", "/oauth/userinfo", "x", nonce, nil)),
		"without the token":   h.info("DPoP", access, h.proof("GET", "/oauth/userinfo", "", nonce, nil)),
		"for another method":  h.info("DPoP", access, h.proof("POST", "/oauth/userinfo", access, nonce, nil)),
		"for another address": h.info("DPoP", access, h.proof("GET", "/oauth/token", access, nonce, nil)),
		"without a nonce":     h.info("DPoP", access, h.proof("GET", "/oauth/userinfo", access, "", nil)),
		"with two proofs":     h.info("DPoP", access, h.proof("GET", "/oauth/userinfo", access, nonce, nil), h.proof("GET", "/oauth/userinfo", access, nonce, nil)),
		"a bearer token so":   h.info("DPoP", w.redeem(w.code()).Access, h.proof("GET", "/oauth/userinfo", "x", nonce, nil)),
		"in a form":           w.do("POST", "/oauth/userinfo", url.Values{"access_token": {access}}),
	} {
		if rec.Code != http.StatusUnauthorized || strings.Contains(rec.Body.String(), "email") || rec.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
	}
	on, body := w.active("rp", access)
	if !on || !strings.Contains(body, `"cnf":{"jkt":"`+h.jkt()+`"}`) || !strings.Contains(body, `"token_type":"DPoP"`) {
		t.Errorf("%s", body)
	}
	once := h.proof("GET", "/oauth/userinfo", access, nonce, nil)
	if first, second := h.info("DPoP", access, once), h.info("DPoP", access, once); first.Code != http.StatusOK || second.Code != http.StatusUnauthorized {
		t.Errorf("the same proof twice: %d %d", first.Code, second.Code)
	}
}

// Proofs that are none, at the token endpoint; the code stays good for the right one.
func TestProofsThatAreRefused(t *testing.T) {
	w := newWorld(t)
	h := w.holder()
	nonce, code := h.nonce(), w.code()
	at := func(d time.Duration) int64 { return w.now().Add(d).Unix() }
	good := h.proof("POST", "/oauth/token", "", nonce, nil)
	for name, proof := range map[string]string{
		"a private key":   h.proof("POST", "/oauth/token", "", nonce, map[string]any{"jwk": jose.JSONWebKey{Key: h.key}}),
		"another method":  h.proof("GET", "/oauth/token", "", nonce, nil),
		"another kind":    h.proof("POST", "/oauth/token", "", nonce, map[string]any{"typ": "jwt"}),
		"no jti":          h.proof("POST", "/oauth/token", "", nonce, map[string]any{"jti": nil}),
		"no method":       h.proof("POST", "/oauth/token", "", nonce, map[string]any{"htm": nil}),
		"another address": h.proof("POST", "/oauth/token", "", nonce, map[string]any{"htu": "https://evil.example/oauth/token"}),
		"old":             h.proof("POST", "/oauth/token", "", nonce, map[string]any{"iat": at(-3 * time.Minute)}),
		"from the future": h.proof("POST", "/oauth/token", "", nonce, map[string]any{"iat": at(time.Minute)}),
		"no time":         h.proof("POST", "/oauth/token", "", nonce, map[string]any{"iat": nil}),
		"changed":         good[:len(good)-3] + "AAA",
		"an assertion":    w.assertion("rp", nil),
		"unsigned":        "eyJhbGciOiJub25lIiwidHlwIjoiZHBvcCtqd3QifQ.e30.",
		"nonsense":        "x",
	} {
		if rec, out := h.post("/oauth/token", w.as("rp", exchange(code)), proof); rec.Code != http.StatusBadRequest || out["error"] != "invalid_dpop_proof" {
			t.Errorf("%s: %d %v", name, rec.Code, out)
		}
	}
	for name, wrong := range map[string]string{"of somebody else": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "empty": ""} {
		if _, out := h.post("/oauth/token", w.as("rp", exchange(code)), h.proof("POST", "/oauth/token", "", wrong, nil)); out["error"] != "use_dpop_nonce" {
			t.Errorf("a nonce %s: %v", name, out)
		}
	}
	if rec, out := h.post("/oauth/token", w.as("rp", exchange(code)), h.proof("POST", "/oauth/token", "", nonce, map[string]any{"htu": strings.ToUpper(w.issuer[:8]) + w.issuer[8:] + "/oauth/token?x=1#y"})); rec.Code != http.StatusOK || out["token_type"] != "DPoP" {
		t.Errorf("written otherwise: %d %v", rec.Code, out)
	}
	w.pass(11 * time.Minute)
	if _, out := h.post("/oauth/token", w.as("rp", exchange("x")), h.proof("POST", "/oauth/token", "", nonce, nil)); out["error"] != "use_dpop_nonce" {
		t.Errorf("a nonce of long ago: %v", out)
	}
}

// FAPI 2.0 Security Profile §5.4.1: a key that others can find out binds nothing.
func TestKeysOfProofs(t *testing.T) {
	w := newWorld(t)
	nonce := w.holder().nonce()
	for bits, good := range map[int]bool{1024: false, 2048: true} {
		key, err := rsa.GenerateKey(rand.Reader, bits)
		w.must(err)
		h := &holder{w, jose.PS256, key}
		rec, out := h.post("/oauth/token", h.as("rp", exchange(h.code())), h.proof("POST", "/oauth/token", "", nonce, nil))
		if got := out["token_type"] == "DPoP"; got != good || !good && out["error"] != "invalid_dpop_proof" {
			t.Errorf("RSA of %d bits: %d %v", bits, rec.Code, out)
		}
	}
}

// A code can be bound to a key before it is made: by dpop_jkt, or by the proof of a pushed request.
func TestACodeOfAKey(t *testing.T) {
	w := newWorld(t)
	h, thief := w.holder(), w.holder()
	nonce, c := h.nonce(), w.signIn(true)
	pushedBy := func() string {
		rec, out := h.post("/oauth/par", w.as("rp", ask()), h.proof("POST", "/oauth/par", "", nonce, nil))
		if rec.Code != http.StatusCreated {
			t.Fatalf("%d %v", rec.Code, out)
		}
		return answer(w.authorize(pulled(out["request_uri"].(string)), c)).Get("code")
	}
	for name, code := range map[string]func() string{"dpop_jkt": func() string { return answer(w.authorize(ask("dpop_jkt", h.jkt()), c)).Get("code") }, "pushed": pushedBy} {
		if rec, out := thief.post("/oauth/token", w.as("rp", exchange(code())), thief.proof("POST", "/oauth/token", "", nonce, nil)); rec.Code != http.StatusBadRequest || out["error"] != "invalid_grant" {
			t.Errorf("%s, another key: %d %v", name, rec.Code, out)
		}
		if got, _ := w.token(w.as("rp", exchange(code()))); got.Error != "invalid_grant" {
			t.Errorf("%s, no key: %+v", name, got)
		}
		if rec, out := h.post("/oauth/token", w.as("rp", exchange(code())), h.proof("POST", "/oauth/token", "", nonce, nil)); rec.Code != http.StatusOK {
			t.Errorf("%s: %d %v", name, rec.Code, out)
		}
	}
	if got := answer(w.authorize(ask("dpop_jkt", "short"), c)); got.Get("error") != "invalid_request" {
		t.Errorf("%v", got)
	}
	if _, out := h.post("/oauth/par", w.as("rp", ask("dpop_jkt", thief.jkt())), h.proof("POST", "/oauth/par", "", nonce, nil)); out["error"] != "invalid_dpop_proof" {
		t.Errorf("two keys: %v", out)
	}
}

// An outage in the midst of an exchange leaves a code as it was: bound to no key that it was not asked for with.
func TestACodeThatComesBackIsBoundToNothingNew(t *testing.T) {
	w := newWorld(t)
	h, code := w.holder(), w.code()
	nonce := h.nonce()
	w.lasting.down.Store(true)
	if rec, out := h.post("/oauth/token", w.as("rp", exchange(code)), h.proof("POST", "/oauth/token", "", nonce, nil)); rec.Code != http.StatusServiceUnavailable {
		t.Fatalf("%d %v", rec.Code, out)
	}
	w.lasting.down.Store(false)
	if got, rec := w.token(w.as("rp", exchange(code))); got.Access == "" {
		t.Errorf("without the key: %d %s", rec.Code, rec.Body)
	}
}

// A public client's refresh tokens serve its key alone; a client with a key of its own may change the one of
// its tokens.
func TestRefreshTokensOfAKey(t *testing.T) {
	w := newWorld(t)
	h, thief := w.holder(), w.holder()
	nonce := h.nonce()
	native := func(form url.Values) url.Values { form.Set("client_id", "app"); return form }
	code := answer(w.authorize(ask("client_id", "app", "redirect_uri", "http://127.0.0.1:1/cb", "scope", "openid offline_access"), w.signIn(true))).Get("code")
	form := native(exchange(code))
	form.Set("redirect_uri", "http://127.0.0.1:1/cb")
	rec, out := h.post("/oauth/token", form, h.proof("POST", "/oauth/token", "", nonce, nil))
	if rec.Code != http.StatusOK || out["token_type"] != "DPoP" {
		t.Fatalf("%d %v", rec.Code, out)
	}
	turn := func() url.Values {
		return native(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {out["refresh_token"].(string)}})
	}
	if rec, no := thief.post("/oauth/token", turn(), thief.proof("POST", "/oauth/token", "", nonce, nil)); rec.Code != http.StatusBadRequest || no["error"] != "invalid_grant" {
		t.Errorf("a thief's key: %d %v", rec.Code, no)
	}
	if rec, no := h.post("/oauth/token", turn()); rec.Code != http.StatusBadRequest || no["error"] != "invalid_grant" {
		t.Errorf("no key: %d %v", rec.Code, no)
	}
	if rec, next := h.post("/oauth/token", turn(), h.proof("POST", "/oauth/token", "", nonce, nil)); rec.Code != http.StatusOK || next["token_type"] != "DPoP" {
		t.Errorf("its own: %d %v", rec.Code, next)
	}
	mine := h.bound(nonce)["refresh_token"].(string)
	if rec, next := thief.post("/oauth/token", w.as("rp", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {mine}}), thief.proof("POST", "/oauth/token", "", nonce, nil)); rec.Code != http.StatusOK || next["token_type"] != "DPoP" {
		t.Errorf("a new key of a client that authenticates: %d %v", rec.Code, next)
	}
}

// A client that registered bound tokens gets no others.
func TestAClientWithBoundTokensOnly(t *testing.T) {
	w := newWorld(t)
	w.register("rp", map[string]any{"redirect_uris": []string{callback}, "scope": "openid email profile offline_access", "grant_types": []string{"authorization_code", "refresh_token"}, "dpop_bound_access_tokens": true})
	code := w.code()
	if got, rec := w.token(w.as("rp", exchange(code))); got.Error != "invalid_dpop_proof" || rec.Code != http.StatusBadRequest {
		t.Errorf("%d %+v", rec.Code, got)
	}
	h := w.holder()
	if rec, out := h.post("/oauth/token", w.as("rp", exchange(code)), h.proof("POST", "/oauth/token", "", h.nonce(), nil)); rec.Code != http.StatusOK || out["token_type"] != "DPoP" {
		t.Errorf("%d %v", rec.Code, out)
	}
}
