package phone

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
)

func newJWK(t testing.TB, curve elliptic.Curve) (*ecdsa.PrivateKey, string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := k.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	half := len(point) / 2
	enc := base64.RawURLEncoding.EncodeToString
	return k, `{"kty":"EC","crv":"P-256","ext":true,"key_ops":["verify"],"x":"` + enc(point[1:1+half]) + `","y":"` + enc(point[1+half:]) + `"}`
}

func TestKeyVerifies(t *testing.T) {
	private, jwk := newJWK(t, elliptic.P256())
	key, err := ParseKey([]byte(jwk))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("text"))
	r, s, err := ecdsa.Sign(rand.Reader, private, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	sig := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	if !key.Verify([]byte("text"), sig) {
		t.Error("a good signature is refused")
	}
	flipped := append([]byte(nil), sig...)
	flipped[40] ^= 1
	for name, bad := range map[string]bool{
		"other text": key.Verify([]byte("texT"), sig), "flipped bit": key.Verify([]byte("text"), flipped),
		"short": key.Verify([]byte("text"), sig[:63]), "zero": key.Verify([]byte("text"), make([]byte, 64)),
		"no key": Key{}.Verify([]byte("text"), sig),
	} {
		if bad {
			t.Errorf("%s: the signature is accepted", name)
		}
	}
	for name, same := range map[string]string{"stored form": key.JWK(), "broken line": strings.Replace(jwk, `"x":"`, `"x":"\n`, 1)} {
		if again, err := ParseKey([]byte(same)); err != nil || again.JWK() != key.JWK() {
			t.Errorf("%s: another key: %v", name, err)
		}
	}
}

// The example of RFC 7638 is an RSA key; this value was computed from RFC 7638 §3.2 by hand
// with sha256sum over the canonical members of the key of RFC 7515 A.3.
func TestThumbprint(t *testing.T) {
	key, err := ParseKey([]byte(`{"y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","kty":"EC","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","crv":"P-256"}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := key.Thumbprint(); got != "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U" {
		t.Errorf("thumbprint %s", got)
	}
}

func TestKeysThatAreRefused(t *testing.T) {
	_, good := newJWK(t, elliptic.P256())
	_, p384 := newJWK(t, elliptic.P384())
	zero := base64.RawURLEncoding.EncodeToString(make([]byte, 32))
	for name, jwk := range map[string]string{
		"empty": "", "null": "null", "list": "[]", "RSA": strings.Replace(good, `"EC"`, `"RSA"`, 1),
		"P-384 named so": strings.Replace(p384, "P-256", "P-384", 1), "P-384 in disguise": p384,
		"private":       strings.Replace(good, `"ext":true`, `"d":"AAAA"`, 1),
		"off the curve": `{"kty":"EC","crv":"P-256","x":"` + zero + `","y":"` + zero + `"}`,
		"padded":        strings.Replace(good, `","y"`, `=","y"`, 1),
	} {
		if _, err := ParseKey([]byte(jwk)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func FuzzParseKey(f *testing.F) {
	_, good := newJWK(f, elliptic.P256())
	f.Add([]byte(good))
	f.Add([]byte(`{"kty":"EC"}`))
	f.Fuzz(func(t *testing.T, jwk []byte) {
		key, err := ParseKey(jwk)
		if err != nil {
			return
		}
		if !json.Valid([]byte(key.JWK())) {
			t.Fatalf("stored form %s", key.JWK())
		}
		if again, err := ParseKey([]byte(key.JWK())); err != nil || again.Thumbprint() != key.Thumbprint() {
			t.Fatalf("not stable: %v", err)
		}
	})
}
