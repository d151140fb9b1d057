package signing_test

import (
	"crypto/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/signing"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/backendtest"
)

// Whatever comes as a hint: nothing is understood but header and claims, byte for byte, that the ring
// signed, and of the type that is asked for.
func FuzzVerify(f *testing.F) {
	r, err := signing.New(f.Context(), signing.Config{Store: sqlstore.New(backendtest.SQLite(f, sqlstore.Migrations())), KEK: kek, Needed: func() []jose.SignatureAlgorithm { return []jose.SignatureAlgorithm{jose.EdDSA} }, Now: time.Now, Random: rand.Reader})
	if err != nil {
		f.Fatal(err)
	}
	var own []string // without the signature
	for _, alg := range []jose.SignatureAlgorithm{jose.ES256, jose.EdDSA} {
		for _, typ := range []string{signing.IDToken, signing.LogoutToken} {
			token, err := r.Sign(alg, typ, map[string]string{"iss": "https://idp.example", "sub": "n00anna"})
			if err != nil {
				f.Fatal(err)
			}
			parts := strings.Split(token, ".")
			if typ == signing.IDToken {
				own = append(own, parts[0]+"."+parts[1])
			}
			for _, seed := range []string{token, token + ".", token + "\n", " " + token, token + "." + token, strings.ToUpper(token), parts[0] + ".." + parts[2], parts[0] + "." + parts[1] + ".", "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0." + parts[1] + ".", `{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`} {
				f.Add(seed)
			}
		}
	}
	f.Add(strings.Repeat("a", 20<<10))
	f.Fuzz(func(t *testing.T, token string) {
		var claims map[string]any
		err := r.Verify(token, signing.IDToken, &claims)
		cut := strings.LastIndex(token, ".")
		if err == nil && !slices.Contains(own, token[:max(cut, 0)]) {
			t.Errorf("understood: %q", token)
		}
	})
}
