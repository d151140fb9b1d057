package provider_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/session"
)

// claims verifies an ID token against the published keys and gives its claims.
func (w *world) claims(idToken string) map[string]any {
	w.t.Helper()
	var set jose.JSONWebKeySet
	w.must(json.Unmarshal(w.do("GET", "/oauth/keys", nil).Body.Bytes(), &set))
	jws, err := jose.ParseSignedCompact(idToken, []jose.SignatureAlgorithm{jose.ES256})
	w.must(err)
	payload, err := jws.Verify(set.Key(jws.Signatures[0].Header.KeyID)[0])
	w.must(err)
	var claims map[string]any
	w.must(json.Unmarshal(payload, &claims))
	return claims
}

// forged is an assertion in rp's name signed with another client's key.
func forged(w *world) string {
	mine := w.keys["rp"]
	w.keys["rp"] = w.keys["other"]
	defer func() { w.keys["rp"] = mine }()
	return w.assertion("rp", nil)
}

// bindingOf is the digest that a binding cookie stands for.
func bindingOf(t *testing.T, c *http.Cookie) string {
	t.Helper()
	return ident.Digest(c.Value)
}

// finish ends a sign-in whose last step is done.
func finish(t *testing.T, w *world, flow, binding string) {
	t.Helper()
	if _, err := w.login.Finish(t.Context(), flow, binding, "", session.Meta{}); err != nil {
		t.Fatal(err)
	}
}
