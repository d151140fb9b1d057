package provider_test

import (
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

// fapi is the plan's client with the key of its tokens.
type fapi struct {
	*conforming
	h *holder
}

func newFAPI(c *conforming) *fapi {
	for id, redirect := range map[string]string{"rp": callback, "other": "https://other.example/cb"} {
		c.register(id, map[string]any{
			"redirect_uris": []string{redirect}, "grant_types": []string{"authorization_code", "refresh_token"}, "scope": "openid email profile phone offline_access",
			"profile": "fapi2", "dpop_bound_access_tokens": true, "require_pushed_authorization_requests": true,
		})
	}
	return &fapi{c, c.holder()}
}

// sent pushes a request, with proofs of the key if there are any, and gives the answer.
func (f *fapi) sent(form url.Values, proofs ...string) (string, *httptest.ResponseRecorder) {
	rec, out := f.h.post("/oauth/par", form, proofs...)
	uri, _ := out["request_uri"].(string)
	return uri, rec
}

// pushes wants a request to be taken.
func (f *fapi) pushes(changes ...string) string {
	f.t.Helper()
	uri, rec := f.sent(f.as("rp", ask(changes...)))
	f.wants(rec.Code == http.StatusCreated && uri != "", "%d %s", rec.Code, rec.Body)
	return uri
}

// refused wants a request to be refused where it is pushed.
func (f *fapi) refused(changes ...string) {
	f.t.Helper()
	_, rec := f.sent(f.as("rp", ask(changes...)))
	f.wants(rec.Code == http.StatusBadRequest, "%d %s", rec.Code, rec.Body)
}

// opened is the browser of a person with a pushed request.
func (f *fapi) opened(uri string, changes ...string) url.Values {
	return answer(f.authorize(pulled(uri, changes...), f.signIn(true)))
}

// coded gives the code of a request.
func (f *fapi) coded(changes ...string) string {
	f.t.Helper()
	code := f.opened(f.pushes(changes...)).Get("code")
	f.wants(code != "", "no code")
	return code
}

// tokens redeems a code with a proof of the key.
func (f *fapi) tokens(code string, changes ...string) (tokens, *httptest.ResponseRecorder) {
	return f.h.proved(f.as("rp", exchange(code, changes...)))
}

// whole runs a flow to userinfo and gives the ID token's claims.
func (f *fapi) whole(changes ...string) map[string]any {
	f.t.Helper()
	all, rec := f.tokens(f.coded(changes...))
	f.wants(all.ID != "", "%d %s", rec.Code, rec.Body)
	f.wants(f.info("DPoP", all.Access) == http.StatusOK, "userinfo")
	return f.claims(all.ID)
}

func (f *fapi) info(scheme, access string) int {
	return f.h.info(scheme, access, f.h.proof("GET", "/oauth/userinfo", access, f.h.nonce(), nil)).Code
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
