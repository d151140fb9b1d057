package signing_test

import (
	"crypto/rand"
	"encoding/json"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/signing"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/sqldb"
)

type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time       { return time.UnixMicro(c.at.Load()).UTC() }
func (c *clock) pass(d time.Duration) { c.at.Add(d.Microseconds()) }

var all = []jose.SignatureAlgorithm{jose.ES256, jose.PS256, jose.PS512, jose.EdDSA, jose.RS256}

var kek = []byte("0123456789abcdef0123456789abcdef")

// ring makes a ring for these algorithms beside the usual one.
func ring(t *testing.T, store signing.Store, now func() time.Time, needed ...jose.SignatureAlgorithm) (*signing.Ring, error) {
	t.Helper()
	return signing.New(t.Context(), signing.Config{Store: store, KEK: kek, Needed: func() []jose.SignatureAlgorithm { return needed }, Now: now, Random: rand.Reader})
}

func published(t *testing.T, r *signing.Ring) map[string]bool {
	t.Helper()
	var set jose.JSONWebKeySet
	raw, _ := r.JWKS()
	if err := json.Unmarshal(raw, &set); err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, k := range set.Keys {
		if !k.IsPublic() || k.Use != "sig" || !slices.Contains(all, jose.SignatureAlgorithm(k.Algorithm)) {
			t.Fatalf("published %+v", k)
		}
		out[k.KeyID] = true
	}
	return out
}

func kidOf(t *testing.T, token string) string {
	t.Helper()
	jws, err := jose.ParseSignedCompact(token, all)
	if err != nil {
		t.Fatal(err)
	}
	return jws.Signatures[0].Header.KeyID
}

// The next key is published a day before it signs, and old ones verify for months.
func TestRotation(t *testing.T) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) {
		c := &clock{}
		c.at.Store(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro())
		store := sqlstore.New(db)
		r, err := ring(t, store, c.now)
		if err != nil {
			t.Fatal(err)
		}
		first, err := r.Sign(jose.ES256, "JWT", map[string]string{"a": "b"})
		if err != nil {
			t.Fatal(err)
		}
		kids := map[string]bool{kidOf(t, first): true}
		for range 100 * 24 {
			c.pass(time.Hour)
			known := published(t, r) // what relying parties have cached
			if err := r.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			token, err := r.Sign(jose.ES256, "JWT", map[string]string{"a": "b"})
			if err != nil {
				t.Fatal(err)
			}
			if !known[kidOf(t, token)] {
				t.Fatalf("%v: signed with a key that was not published an hour ago", c.now())
			}
			kids[kidOf(t, token)] = true
		}
		if len(kids) != 4 {
			t.Errorf("%d keys in 100 days", len(kids))
		}
		var claims map[string]string
		if err := r.Verify(first, "JWT", &claims); err != nil || claims["a"] != "b" {
			t.Errorf("an old hint is no longer understood: %v", err)
		}
		if err := r.Verify(first, "logout+jwt", &claims); err == nil {
			t.Error("a token of another type was accepted")
		}
		if err := r.Verify(first[:len(first)-4]+"AAAA", "JWT", &claims); err == nil {
			t.Error("a broken signature was accepted")
		}
	}, sqlstore.Migrations())
}

// A key that was succeeded leaves the key set a day later: nobody trusts it any more, while
// we still understand it as a hint, until it is forgotten.
func TestKeysAreForgottenInSteps(t *testing.T) {
	c := &clock{}
	c.at.Store(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro())
	store := sqlstore.New(backendtest.SQLite(t, sqlstore.Migrations()))
	r, err := ring(t, store, c.now)
	if err != nil {
		t.Fatal(err)
	}
	token, err := r.Sign(jose.ES256, signing.IDToken, map[string]string{"a": "b"})
	if err != nil {
		t.Fatal(err)
	}
	kid := kidOf(t, token)
	for day := range 125 {
		c.pass(24 * time.Hour)
		if err := r.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, want := published(t, r)[kid], day+1 < 31; got != want {
			t.Fatalf("day %d: published %v", day+1, got)
		}
		var claims map[string]string
		if got, want := r.Verify(token, signing.IDToken, &claims) == nil, day+1 <= 120; got != want {
			t.Fatalf("day %d: understood %v", day+1, got)
		}
	}
	keys, err := store.Keys(t.Context())
	if err != nil || keys[0].KID == kid {
		t.Errorf("the private key was kept: %v", err)
	}
}

// After a long pause the old key signs on, and stays published, until the next one is known.
func TestAfterALongPause(t *testing.T) {
	for _, pause := range []time.Duration{45 * 24 * time.Hour, 400 * 24 * time.Hour} {
		c := &clock{}
		c.at.Store(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro())
		store := sqlstore.New(backendtest.SQLite(t, sqlstore.Migrations()))
		if _, err := ring(t, store, c.now); err != nil {
			t.Fatal(err)
		}
		c.pass(pause)
		r, err := ring(t, store, c.now)
		if err != nil {
			t.Fatal(err)
		}
		for range 48 {
			token, err := r.Sign(jose.ES256, signing.LogoutToken, map[string]string{"a": "b"})
			if err != nil || !published(t, r)[kidOf(t, token)] {
				t.Fatalf("after %v: signed with a key that is not published: %v", pause, err)
			}
			c.pass(time.Hour)
			if err := r.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// A next key that is made late is published for the same day before it signs.
func TestALateKeyIsPublishedAhead(t *testing.T) {
	c := &clock{}
	c.at.Store(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro())
	store := sqlstore.New(backendtest.SQLite(t, sqlstore.Migrations()))
	r, err := ring(t, store, c.now)
	if err != nil {
		t.Fatal(err)
	}
	c.pass(signing.Active - time.Hour)
	if err := r.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	keys, err := store.Keys(t.Context())
	if err != nil || len(keys) != 2 || !keys[1].ActiveFrom.Equal(c.now().Add(signing.Ahead)) {
		t.Errorf("%+v %v", keys, err)
	}
	token, err := r.Sign(jose.ES256, signing.IDToken, map[string]string{"a": strings.Repeat("x", 16<<10)})
	if err != nil || r.Verify(token, signing.IDToken, &struct{}{}) == nil {
		t.Errorf("a token without end is looked at: %v", err)
	}
}

// A replica whose clock is behind can sign at once.
func TestFirstKeyAndASlowClock(t *testing.T) {
	store := sqlstore.New(backendtest.SQLite(t, sqlstore.Migrations()))
	if _, err := ring(t, store, time.Now); err != nil {
		t.Fatal(err)
	}
	behind := func() time.Time { return time.Now().Add(-time.Minute) }
	r, err := ring(t, store, behind)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Sign(jose.ES256, signing.IDToken, map[string]string{}); err != nil {
		t.Error(err)
	}
	if _, err := r.Sign(jose.ES256, "secevent+jwt", map[string]string{}); err == nil {
		t.Error("a type that is not made here was signed")
	}
}

func TestTwoReplicasAgree(t *testing.T) {
	store := sqlstore.New(backendtest.SQLite(t, sqlstore.Migrations()))
	a, err := ring(t, store, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	b, err := ring(t, store, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	here, tag := a.JWKS()
	if there, same := b.JWKS(); string(here) != string(there) || tag != same {
		t.Fatalf("%s\n%s", here, there)
	}
}

func TestSealed(t *testing.T) {
	db := backendtest.SQLite(t, sqlstore.Migrations())
	store := sqlstore.New(db)
	if _, err := ring(t, store, time.Now); err != nil {
		t.Fatal(err)
	}
	if _, err := signing.New(t.Context(), signing.Config{Store: store, KEK: []byte(strings.Repeat("x", 32)), Now: time.Now, Random: rand.Reader}); err == nil {
		t.Fatal("another key-encryption key opened the keys")
	}
	if _, err := signing.New(t.Context(), signing.Config{Store: store, KEK: []byte("short"), Now: time.Now, Random: rand.Reader}); err == nil {
		t.Fatal("a short key-encryption key")
	}
	if _, err := db.ExecContext(t.Context(), `UPDATE signing_keys SET kid = 'other'`); err != nil {
		t.Fatal(err)
	}
	if _, err := ring(t, store, time.Now); err == nil {
		t.Fatal("a sealed key was moved to another name")
	}
}
