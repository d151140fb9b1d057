package provider_test

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/ident"
)

// secretive registers a client that authenticates by a secret, and gives that.
func (w *world) secretive(changes map[string]any) string {
	w.t.Helper()
	all := map[string]any{"redirect_uris": []string{callback}, "token_endpoint_auth_method": "client_secret_jwt"}
	for k, v := range changes {
		all[k] = v
	}
	made, err := w.registrar.Register(w.t.Context(), "command root", w.metadata("keeper", all))
	w.must(err)
	return made.Secret
}

// secretly makes an assertion of the client with the secret.
func (w *world) secretly(alg jose.SignatureAlgorithm, key any, changes map[string]any) string {
	w.t.Helper()
	claims := map[string]any{"iss": "keeper", "sub": "keeper", "aud": w.issuer, "jti": ident.NewID(rand.Reader), "iat": w.now().Unix(), "exp": w.now().Add(time.Minute).Unix()}
	for k, v := range changes {
		claims[k] = v
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, nil)
	w.must(err)
	raw, err := json.Marshal(claims)
	w.must(err)
	jws, err := signer.Sign(raw)
	w.must(err)
	out, err := jws.CompactSerialize()
	w.must(err)
	return out
}

// A client shows that it knows its secret, by the one algorithm that it registered and once for each
// assertion; the rules are those of assertions by a key (OpenID Connect Core §9, security cases 22 and 23).
func TestClientSecretJWT(t *testing.T) {
	for _, registered := range []jose.SignatureAlgorithm{"", jose.HS256, jose.HS384, jose.HS512} {
		w := newWorld(t)
		changes := map[string]any{}
		if registered != "" {
			changes["token_endpoint_auth_signing_alg"] = registered
		}
		secret := []byte(w.secretive(changes))
		if registered == "" {
			registered = jose.HS256
		}
		for _, alg := range []jose.SignatureAlgorithm{jose.HS256, jose.HS384, jose.HS512} {
			if got := w.authenticates(w.secretly(alg, secret, nil)); got != (alg == registered) {
				t.Errorf("%s where %s is registered: %v", alg, registered, got)
			}
		}
	}
	w := newWorld(t)
	secret := []byte(w.secretive(nil))
	good := w.secretly(jose.HS256, secret, nil)
	if !w.authenticates(good) || w.authenticates(good) {
		t.Error("an assertion is good once")
	}
	for name, changes := range map[string]map[string]any{
		"a year": {"exp": w.now().AddDate(1, 0, 0).Unix()}, "expired": {"exp": w.now().Add(-time.Hour).Unix()}, "audience": {"aud": "https://evil.example"},
		"two audiences": {"aud": []string{w.issuer, "https://evil.example"}}, "no jti": {"jti": ""}, "a client with a key": {"iss": "rp", "sub": "rp"}, "a public client": {"iss": "app", "sub": "app"},
	} {
		if w.authenticates(w.secretly(jose.HS256, secret, changes)) {
			t.Errorf("%s: taken", name)
		}
	}
	for name, assertion := range map[string]string{
		"another secret":      w.secretly(jose.HS256, []byte(strings.Repeat("k", 86)), nil),
		"a secret and a byte": w.secretly(jose.HS256, append([]byte("x"), secret...), nil),
		"a key":               w.secretly(jose.ES256, w.keys["rp"], nil),
		"none":                "eyJhbGciOiJub25lIn0." + strings.Split(good, ".")[1] + ".",
		"changed":             good[:len(good)-3] + "AAA",
	} {
		if w.authenticates(assertion) {
			t.Errorf("%s: taken", name)
		}
	}
	for name, form := range map[string]url.Values{
		"in the form": exchange("x", "client_id", "keeper", "client_secret", string(secret)), "not at all": exchange("x", "client_id", "keeper"),
	} {
		if rec := w.do("POST", "/oauth/token", form); rec.Code != http.StatusUnauthorized {
			t.Errorf("the secret %s: %d", name, rec.Code)
		}
	}
}

// After a rotation both secrets are good for the overlap, and then the new one alone.
func TestARotatedSecret(t *testing.T) {
	w := newWorld(t)
	former := []byte(w.secretive(nil))
	made, err := w.registrar.RotateSecret(t.Context(), "command root", "keeper", time.Hour)
	w.must(err)
	next := []byte(made.Secret)
	if !w.authenticates(w.secretly(jose.HS256, former, nil)) || !w.authenticates(w.secretly(jose.HS256, next, nil)) {
		t.Error("in the overlap")
	}
	w.pass(time.Hour)
	if w.authenticates(w.secretly(jose.HS256, former, nil)) || !w.authenticates(w.secretly(jose.HS256, next, nil)) {
		t.Error("after the overlap")
	}
}
