package client

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// ID tokens are signed by one of our algorithms: never unsigned, never with a secret that two know.
func TestAlgorithmsOfIDTokens(t *testing.T) {
	for alg, want := range map[string]bool{"ES256": true, "PS256": true, "PS512": true, "EdDSA": true, "RS256": true, "none": false, "HS256": false, "ES384": false, "RS512": false, "es256": false} {
		_, err := Parse([]byte(strings.Replace(good, `"scope"`, `"id_token_signed_response_alg":"`+alg+`","scope"`, 1)), false)
		if (err == nil) != want {
			t.Errorf("%s: %v", alg, err)
		}
	}
}

// The ring is told which algorithms the registered clients need.
func TestAlgorithmsThatAreNeeded(t *testing.T) {
	dir := t.TempDir()
	for id, alg := range map[string]string{"a1": "", "a2": `"id_token_signed_response_alg":"PS512",`, "a3": `"id_token_signed_response_alg":"PS512",`} {
		text := strings.Replace(strings.Replace(good, "rp-1", id, 1), `"scope"`, alg+`"scope"`, 1)
		if err := os.WriteFile(filepath.Join(dir, id+".json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r, err := Load(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Signing(); !slices.Equal(got, []jose.SignatureAlgorithm{jose.ES256, jose.PS512}) {
		t.Error(got)
	}
}
