package provider_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"time"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/ident"
)

// proofModules are those of sender_constrain=dpop.
var proofModules = []fapiModule{
	{"check-dpop-proof-nbf-exp", func(f *fapi) {
		code, out := f.proven(map[string]any{"nbf": f.now().Add(-time.Second).Unix(), "exp": f.now().Add(time.Minute).Unix()})
		f.wants(code == http.StatusOK, "%v", out)
	}},
	{"ensure-dpopproof-with-iat-10seconds-before-succeeds", func(f *fapi) {
		code, out := f.proven(map[string]any{"iat": f.now().Add(-10 * time.Second).Unix()})
		f.wants(code == http.StatusOK, "%v", out)
	}},
	{"ensure-dpopproof-with-iat-10seconds-after-succeeds", func(f *fapi) {
		code, out := f.proven(map[string]any{"iat": f.now().Add(10 * time.Second).Unix()})
		f.wants(code == http.StatusOK, "%v", out)
	}},
	{"ensure-mismatched-dpop-jkt-fails", func(f *fapi) {
		_, rec := f.sent(f.as("rp", ask("dpop_jkt", f.holder().jkt())), f.h.proof("POST", "/oauth/par", "", f.h.nonce(), nil))
		f.wants(rec.Code == http.StatusBadRequest, "%d %s", rec.Code, rec.Body)
	}},
	{"ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt", func(f *fapi) {
		uri, _ := f.sent(f.as("rp", ask()), f.h.proof("POST", "/oauth/par", "", f.h.nonce(), nil))
		got, _ := f.holder().proved(f.as("rp", exchange(f.opened(uri).Get("code"))))
		f.wants(got.Error == "invalid_grant" || got.Error == "invalid_dpop_proof", "%v", got)
	}},
	{"ensure-token-endpoint-fails-with-mismatched-dpop-jkt", func(f *fapi) {
		got, _ := f.holder().proved(f.as("rp", exchange(f.coded("dpop_jkt", f.h.jkt()))))
		f.wants(got.Error == "invalid_grant" || got.Error == "invalid_dpop_proof", "%v", got)
	}},
	{"ensure-dpopproof-at-par-endpoint-binding-success", func(f *fapi) {
		uri, _ := f.sent(f.as("rp", ask()), f.h.proof("POST", "/oauth/par", "", f.h.nonce(), nil))
		got, rec := f.tokens(f.opened(uri).Get("code"))
		f.wants(got.Access != "", "%s", rec.Body)
	}},
	{"ensure-dpop-auth-code-binding-success", func(f *fapi) { f.whole("dpop_jkt", f.h.jkt()) }},
	{"dpop-negative-tests", func(f *fapi) {
		for name, changes := range map[string]map[string]any{
			"method": {"htm": "GET"}, "address": {"htu": f.issuer + "/oauth/par"}, "no jti": {"jti": nil}, "old": {"iat": f.now().Add(-time.Hour).Unix()},
			"type": {"typ": "jwt"}, "nonce": {"nonce": "x"}, "no iat": {"iat": nil},
		} {
			code, out := f.proven(changes)
			f.wants(code == http.StatusBadRequest, "%s: %v", name, out)
		}
	}},
}

// assertionModules are those of client_auth_type=private_key_jwt.
var assertionModules = []fapiModule{
	{"ensure-signed-client-assertion-with-RS256-fails", func(f *fapi) {
		form := f.as("rp", ask())
		form.Set("client_assertion", f.byRS256())
		_, rec := f.sent(form)
		f.wants(rec.Code == http.StatusUnauthorized, "%d %s", rec.Code, rec.Body)
	}},
	{"ensure-client-assertion-in-token-endpoint", func(f *fapi) {
		got, rec := f.h.proved(exchange(f.coded(), "client_id", "rp"))
		f.wants(rec.Code == http.StatusUnauthorized && got.Access == "", "%d %s", rec.Code, rec.Body)
	}},
	{"ensure-client-assertion-with-exp-is-5-minutes-in-past-fails", func(f *fapi) {
		f.wants(f.claimed(map[string]any{"exp": f.now().Add(-5 * time.Minute).Unix()}) == http.StatusUnauthorized, "an old assertion")
	}},
	{"ensure-client-assertion-with-wrong-aud-fails", func(f *fapi) {
		f.wants(f.claimed(map[string]any{"aud": "https://other.example"}) == http.StatusUnauthorized, "another's assertion")
	}},
	{"ensure-client-assertion-with-no-sub-fails", func(f *fapi) {
		f.wants(f.claimed(map[string]any{"sub": nil}) == http.StatusUnauthorized, "nobody's assertion")
	}},
	{"par-ensure-jwt-client-assertions-nbf-8-seconds-in-the-future-is-accepted", func(f *fapi) {
		soon := f.now().Add(8 * time.Second).Unix()
		f.wants(f.claimed(map[string]any{"nbf": soon, "iat": soon}) == http.StatusCreated, "refused")
	}},
	{"par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails", func(f *fapi) {
		late := f.now().Add(61 * time.Second).Unix()
		f.wants(f.claimed(map[string]any{"nbf": late, "iat": late}) == http.StatusUnauthorized, "taken")
	}},
	{"par-test-array-as-audience-fails", func(f *fapi) {
		f.wants(f.claimed(map[string]any{"aud": []string{f.issuer}}) == http.StatusUnauthorized, "taken")
	}},
	{"par-test-par-endpoint-url-as-audience-fails", func(f *fapi) {
		f.wants(f.claimed(map[string]any{"aud": f.issuer + "/oauth/par"}) == http.StatusUnauthorized, "taken")
	}},
	{"par-test-token-endpoint-url-as-audience-fails", func(f *fapi) {
		f.wants(f.claimed(map[string]any{"aud": f.issuer + "/oauth/token"}) == http.StatusUnauthorized, "taken")
	}},
}

// byProof are clients that authenticate by assertions, and whose tokens are bound to a key.
type byProof struct{ *holder }

func newByProof(c *conforming) *fapi {
	for id, redirect := range fapiClients {
		c.register(id, fapiMetadata(redirect, map[string]any{"dpop_bound_access_tokens": true}))
	}
	h := c.holder()
	return &fapi{c, byProof{h}, h}
}

func (p byProof) call(method, path, as string, form url.Values, bound bool) *httptest.ResponseRecorder {
	if as != "" {
		form = p.as(as, form)
	}
	if method != http.MethodPost {
		return p.do(method, path, form)
	}
	var proofs []string
	if bound && path == "/oauth/token" { // a proof beside a pushed request would bind its code too
		proofs = []string{p.proof(method, path, "", p.nonce(), nil)}
	}
	rec, _ := p.post(path, form, proofs...)
	return rec
}

func (p byProof) info(as, scheme, access string) int {
	h := p.holder
	if as != "rp" {
		h = p.world.holder()
	}
	return h.info(scheme, access, h.proof("GET", "/oauth/userinfo", access, p.nonce(), nil)).Code
}

func (byProof) scheme() string  { return "DPoP" }
func (byProof) unbound() string { return "invalid_dpop_proof" }

func (byProof) offered(f *fapi) {
	f.wants(f.supports("token_endpoint_auth_methods_supported", "private_key_jwt") && f.supports("dpop_signing_alg_values_supported", "ES256"), "%v", f.metadata)
}

// renew takes a new key, as the suite does.
func (p byProof) renew() {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	p.must(err)
	p.key = key
}

// sent pushes a request, with proofs of the key if there are any, and gives the answer.
func (f *fapi) sent(form url.Values, proofs ...string) (string, *httptest.ResponseRecorder) {
	rec, out := f.h.post("/oauth/par", form, proofs...)
	uri, _ := out["request_uri"].(string)
	return uri, rec
}

// claimed pushes with an assertion whose claims are changed.
func (f *fapi) claimed(changes map[string]any) int {
	f.t.Helper()
	form := f.as("rp", ask())
	form.Set("client_assertion", f.assertion("rp", changes))
	_, rec := f.sent(form)
	return rec.Code
}

// proven redeems a code with a proof whose claims are changed.
func (f *fapi) proven(changes map[string]any) (int, map[string]any) {
	f.t.Helper()
	rec, out := f.h.post("/oauth/token", f.as("rp", exchange(f.coded())), f.h.proof("POST", "/oauth/token", "", f.h.nonce(), changes))
	return rec.Code, out
}

// byRS256 is an assertion by an algorithm that FAPI 2.0 leaves out.
func (f *fapi) byRS256() string {
	f.t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	f.must(err)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: "k1"}}, nil)
	f.must(err)
	raw, err := json.Marshal(map[string]any{"iss": "rp", "sub": "rp", "aud": f.issuer, "jti": ident.NewID(rand.Reader), "iat": f.now().Unix(), "exp": f.now().Add(time.Minute).Unix()})
	f.must(err)
	jws, err := signer.Sign(raw)
	f.must(err)
	out, err := jws.CompactSerialize()
	f.must(err)
	return out
}
