package receipt_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/cpms/internal/receipt"
	"eulogin.example/cpms/internal/sqlstore"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/sqldb"
)

var (
	kek    = []byte("0123456789abcdef0123456789abcdef")
	sample = receipt.Receipt{
		ACR: "medium", At: "2026-11-23T12:00:00Z", AuthTime: "2026-11-23T11:59:00Z", By: "b", Decision: "approve", Issuer: "https://cpms.example/?a=1&b=<2>", Network: "ern-eye", Request: "r", Role: "HP",
		Seen: receipt.Seen("a", "b"), Subject: "s", Version: 3,
	}
)

func ring(t *testing.T, db *sqldb.DB, now func() time.Time) *receipt.Ring {
	t.Helper()
	r, err := receipt.New(t.Context(), sqlstore.New(db), kek, now, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func sign(t *testing.T, r *receipt.Ring) string {
	t.Helper()
	token, err := r.Sign(sample)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// A receipt holds against the published keys alone, also years after its key was succeeded.
func TestAReceiptHoldsForYears(t *testing.T) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) {
		at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
		r := ring(t, db, func() time.Time { return at })
		tokens := []string{sign(t, r)}
		for range 3 {
			at = at.Add(receipt.Life)
			if err := r.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			tokens = append(tokens, sign(t, r))
		}
		for i, token := range tokens {
			if got, err := receipt.Verify(token+"\n", r.JWKS()); err != nil || got != sample {
				t.Errorf("receipt of year %d: %+v %v", i, got, err)
			}
		}
		var set jose.JSONWebKeySet
		if err := json.Unmarshal(r.JWKS(), &set); err != nil || len(set.Keys) != 4 || slices.ContainsFunc(set.Keys, func(k jose.JSONWebKey) bool { return !k.IsPublic() }) {
			t.Fatalf("%s %v", r.JWKS(), err)
		}
		var n int
		if err := db.QueryRowContext(context.Background(), `SELECT COUNT(*) FROM receipt_keys WHERE LENGTH(sealed) > 0`).Scan(&n); err != nil || n != 1 {
			t.Errorf("%d keys can still sign: %v", n, err)
		}
		if string(ring(t, db, func() time.Time { return at }).JWKS()) != string(r.JWKS()) {
			t.Error("another replica publishes other keys")
		}
	}, sqlstore.Migrations())
}

// Every changed byte, every other key, type, algorithm and spelling is refused.
func TestForgedReceipts(t *testing.T) {
	r := ring(t, backendtest.SQLite(t, sqlstore.Migrations()), time.Now)
	token, jwks := sign(t, r), r.JWKS()
	for i := range len(token) {
		forged := []byte(token)
		if forged[i] = 'A'; token[i] == 'A' {
			forged[i] = 'B'
		}
		// The last character of base64 carries bits that mean nothing.
		if got, err := receipt.Verify(string(forged), jwks); err == nil && i != len(token)-1 {
			t.Fatalf("byte %d was changed: %+v", i, got)
		}
	}
	other := ring(t, backendtest.SQLite(t, sqlstore.Migrations()), time.Now)
	if _, err := receipt.Verify(token, other.JWKS()); err == nil {
		t.Error("another service's keys")
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	set, _ := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k", Algorithm: "ES256", Use: "sig"}}})
	canonical := payload(t, token)
	for name, tt := range map[string]struct{ typ, payload string }{
		"another type":       {"JWT", canonical},
		"no type":            {"", canonical},
		"white space":        {receipt.Type, " " + canonical},
		"another order":      {receipt.Type, `{"version":3,` + strings.Replace(canonical[1:], `,"version":3`, "", 1)},
		"one field more":     {receipt.Type, strings.Replace(canonical, `{"acr"`, `{"aaa":1,"acr"`, 1)},
		"a field twice":      {receipt.Type, strings.Replace(canonical, `{"acr"`, `{"acr":"high","acr"`, 1)},
		"a field in capital": {receipt.Type, strings.Replace(canonical, `"acr"`, `"ACR"`, 1)},
		"something after it": {receipt.Type, canonical + "{}"},
		"no object":          {receipt.Type, "null"},
	} {
		opts := &jose.SignerOptions{}
		if tt.typ != "" {
			opts = opts.WithType(jose.ContentType(tt.typ))
		}
		s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: "k"}}, opts)
		if err != nil {
			t.Fatal(err)
		}
		jws, err := s.Sign([]byte(tt.payload))
		if err != nil {
			t.Fatal(err)
		}
		compact, _ := jws.CompactSerialize()
		if _, err := receipt.Verify(compact, set); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"`+receipt.Type+`","kid":"k"}`)) + "." + base64.RawURLEncoding.EncodeToString([]byte(canonical)) + "."
	for _, bad := range []string{"", "..", none, strings.Repeat("a", 1<<20)} {
		if _, err := receipt.Verify(bad, set); err == nil {
			t.Errorf("%.40q was accepted", bad)
		}
	}
}

func payload(t *testing.T, token string) string {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// The signed text is sorted, with nothing escaped that needs not be.
func TestTheTextIsCanonical(t *testing.T) {
	got := payload(t, sign(t, ring(t, backendtest.SQLite(t, sqlstore.Migrations()), time.Now)))
	var names []string
	dec := json.NewDecoder(strings.NewReader(got))
	for depth := 0; dec.More() || depth == 0; depth++ {
		tok, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		if s, ok := tok.(string); ok && depth%2 == 1 {
			names = append(names, s)
		}
	}
	if len(names) != 13 || !slices.IsSorted(names) || !strings.Contains(got, "a=1&b=<2>") || strings.Contains(got, " ") {
		t.Errorf("%s", got)
	}
}

// Private keys are sealed, each under its own name.
func TestKeysAreSealed(t *testing.T) {
	db := backendtest.SQLite(t, sqlstore.Migrations())
	store := sqlstore.New(db)
	ring(t, db, time.Now)
	if _, err := receipt.New(t.Context(), store, []byte(strings.Repeat("x", 32)), time.Now, rand.Reader); err == nil {
		t.Error("another key-encryption key opened the key")
	}
	if _, err := receipt.New(t.Context(), store, []byte("short"), time.Now, rand.Reader); err == nil {
		t.Error("a short key-encryption key")
	}
	if _, err := db.ExecContext(t.Context(), `UPDATE receipt_keys SET kid = 'other'`); err != nil {
		t.Fatal(err)
	}
	if _, err := receipt.New(t.Context(), store, kek, time.Now, rand.Reader); err == nil {
		t.Error("a key was moved to another name")
	}
}

func FuzzVerify(f *testing.F) {
	f.Add("a.b.c", `{"keys":[]}`)
	f.Fuzz(func(t *testing.T, token, jwks string) {
		if r, err := receipt.Verify(token, []byte(jwks)); err == nil {
			t.Errorf("%+v", r)
		}
	})
}
