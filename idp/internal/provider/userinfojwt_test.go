package provider_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/client"
)

// OpenID Connect Core §5.3.2: userinfo as a JWT for a client that registers so: by its algorithm, from us,
// for it. It is no ID token, nor a hint of one.
func TestUserinfoAsAJWT(t *testing.T) {
	w := newWorld(t)
	w.register("rp", map[string]any{
		"redirect_uris": []string{callback}, "post_logout_redirect_uris": []string{"https://rp.example/bye"}, "scope": "openid email", "userinfo_signed_response_alg": "EdDSA",
	})
	w.must(w.ring.Prepare(t.Context()))
	c := w.signIn(true)
	got := w.redeem(answer(w.authorize(ask("scope", "openid email"), c)).Get("code"))
	rec := w.userinfo(got.Access)
	if rec.Code != http.StatusOK || rec.Header().Get("Content-Type") != "application/jwt" || rec.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %v %s", rec.Code, rec.Header(), rec.Body)
	}
	jws, err := jose.ParseSignedCompact(rec.Body.String(), client.Algorithms)
	w.must(err)
	var set jose.JSONWebKeySet
	w.must(json.Unmarshal(w.do("GET", "/oauth/keys", nil).Body.Bytes(), &set))
	header := jws.Signatures[0].Header
	payload, err := jws.Verify(set.Key(header.KeyID)[0])
	w.must(err)
	var told map[string]any
	w.must(json.Unmarshal(payload, &told))
	if header.Algorithm != "EdDSA" || header.ExtraHeaders[jose.HeaderType] != "userinfo+jwt" || told["iss"] != w.issuer || told["aud"] != "rp" || told["sub"] != string(anna) || told["email"] != "anna@example.org" || told["nonce"] != nil || told["exp"] != nil {
		t.Errorf("%v %v", header, told)
	}
	end := w.do("GET", "/end_session?"+url.Values{"id_token_hint": {rec.Body.String()}, "post_logout_redirect_uri": {"https://rp.example/bye"}}.Encode(), nil, c)
	if end.Header().Get("Location") != "" || end.Code == http.StatusOK {
		t.Errorf("it was taken for an ID token: %d %q", end.Code, end.Header().Get("Location"))
	}
}
