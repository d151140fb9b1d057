//go:build cgo

package pkcs11

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/miekg/pkcs11"

	"eulogin.example/idp/internal/signing"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/outbox"
	"eulogin.example/proto/kit/sqldb"
)

// ring makes a ring on a store, with the token or, where it is nil, without one.
func ring(t testing.TB, store signing.Store, token signing.Keeper, algs ...jose.SignatureAlgorithm) *signing.Ring {
	t.Helper()
	r, err := signing.New(t.Context(), signing.Config{
		Store: store, KEK: make([]byte, 32), Token: token, Needed: func() []jose.SignatureAlgorithm { return algs }, Now: time.Now, Random: rand.Reader,
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// verified checks a token as others do, with the published keys, and gives its kid.
func verified(t testing.TB, r *signing.Ring, token string, alg jose.SignatureAlgorithm) string {
	t.Helper()
	jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{alg})
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := r.JWKS()
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(raw, &set); err != nil {
		t.Fatal(err)
	}
	kid := jws.Signatures[0].Header.KeyID
	key := set.Key(kid)
	if len(key) != 1 || key[0].Algorithm != string(alg) {
		t.Fatalf("%s: %+v", alg, key)
	}
	if payload, err := jws.Verify(key[0]); err != nil || string(payload) != `{"a":"b"}` {
		t.Fatalf("%s: %s %v", alg, payload, err)
	}
	return kid
}

func sign(t testing.TB, r *signing.Ring, alg jose.SignatureAlgorithm) string {
	t.Helper()
	token, err := r.Sign(alg, signing.IDToken, map[string]string{"a": "b"})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func stored(t testing.TB, store signing.Store) []signing.Key {
	t.Helper()
	keys, err := store.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// With a token every algorithm signs there, others verify it, and the database has public halves.
func TestTheRingSignsInTheToken(t *testing.T) {
	store := sqlstore.New(backendtest.SQLite(t, sqlstore.Migrations()))
	r := ring(t, store, opened(t), all...)
	for _, alg := range all {
		for range 20 { // signatures of every length that numbers have
			verified(t, r, sign(t, r, alg), alg)
		}
	}
	for _, k := range stored(t, store) {
		if _, err := x509.ParsePKIXPublicKey(k.Kept); err != nil || k.Keeper != signing.InToken {
			t.Errorf("%s in %s: %v", k.Algorithm, k.Keeper, err)
		}
	}
}

// Rotation makes the next key in the token; an emergency destroys the lost one there.
func TestRotationAndEmergencyInTheToken(t *testing.T) {
	token := opened(t)
	store := sqlstore.New(backendtest.SQLite(t, sqlstore.Migrations()))
	r := ring(t, store, token)
	old := verified(t, r, sign(t, r, jose.ES256), jose.ES256)
	next, made, err := r.Rotate(t.Context(), jose.ES256)
	if err != nil || !made || next.Keeper != signing.InToken {
		t.Fatalf("%+v %v", next, err)
	}
	late := ring(t, store, token) // a process that has not followed yet
	gone, err := r.Withdraw(t.Context(), old)
	if err != nil {
		t.Fatal(err)
	}
	sign(t, late, jose.ES256)
	if err := r.Destroy(gone); err != nil {
		t.Fatal(err)
	}
	if _, err := late.Sign(jose.ES256, signing.IDToken, nil); err == nil {
		t.Error("a process that has not followed signs with a key that was destroyed")
	}
	if kid := verified(t, r, sign(t, r, jose.ES256), jose.ES256); kid == old || kid == next.KID {
		t.Error("a withdrawn key signs")
	}
	for _, kid := range []string{old, next.KID} {
		err := token.with(func(s pkcs11.SessionHandle) error {
			left, err := token.objects(s, pkcs11.NewAttribute(pkcs11.CKA_ID, []byte(kid)))
			if len(left) != 0 {
				t.Errorf("%d halves of a withdrawn key are left", len(left))
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// A replica, which is another process with the same token and database, signs with the same key; and
// follows a rotation in an emergency.
func TestAReplicaFindsTheKey(t *testing.T) {
	file := os.Getenv("REPLICA_OF")
	if file != "" {
		db, err := sqldb.Open(t.Context(), file)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = os.Stdout.WriteString("\nTOKEN " + sign(t, ring(t, sqlstore.New(db), opened(t)), jose.ES256) + "\n")
		return
	}
	file = "sqlite:" + filepath.Join(t.TempDir(), "idp.db")
	db, err := sqldb.Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := sqldb.Migrate(t.Context(), db, outbox.Migrations(), sqlstore.Migrations()); err != nil {
		t.Fatal(err)
	}
	store := sqlstore.New(db)
	r := ring(t, store, opened(t))
	replica := func() string {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestAReplicaFindsTheKey$")
		cmd.Env = append(os.Environ(), "REPLICA_OF="+file)
		out, err := cmd.CombinedOutput()
		_, token, ok := strings.Cut(string(out), "\nTOKEN ")
		if err != nil || !ok {
			t.Fatalf("%v\n%s", err, out)
		}
		token, _, _ = strings.Cut(token, "\n")
		return verified(t, r, token, jose.ES256)
	}
	first := verified(t, r, sign(t, r, jose.ES256), jose.ES256)
	if got := replica(); got != first || len(stored(t, store)) != 1 {
		t.Errorf("the replica signs with %s", got)
	}
	if _, err := r.Withdraw(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if got := replica(); got == first || got != verified(t, r, sign(t, r, jose.ES256), jose.ES256) {
		t.Errorf("after the emergency the replica signs with %s", got)
	}
}

// A service that begins to use a token goes on with the keys that it has, until they are rotated.
func TestFromTheDatabaseIntoTheToken(t *testing.T) {
	store := sqlstore.New(backendtest.SQLite(t, sqlstore.Migrations()))
	old := ring(t, store, nil)
	hint := sign(t, old, jose.ES256)
	r := ring(t, store, opened(t))
	if got := verified(t, r, sign(t, r, jose.ES256), jose.ES256); got != verified(t, old, hint, jose.ES256) {
		t.Error("another key signs at once")
	}
	if _, _, err := r.Rotate(t.Context(), jose.ES256); err != nil {
		t.Fatal(err)
	}
	var claims map[string]string
	if err := r.Verify(hint, signing.IDToken, &claims); err != nil {
		t.Error(err)
	}
	if keys := stored(t, store); len(keys) != 2 || keys[0].Keeper != signing.InStore || keys[1].Keeper != signing.InToken {
		t.Errorf("%+v", keys)
	}
}

// A token that is lost for good: without it nothing starts by itself, and an emergency lets new keys
// sign from the database.
func TestALostToken(t *testing.T) {
	store := sqlstore.New(backendtest.SQLite(t, sqlstore.Migrations()))
	ring(t, store, opened(t))
	r, err := signing.New(t.Context(), signing.Config{Store: store, KEK: make([]byte, 32), Now: time.Now, Random: rand.Reader})
	if err == nil || r == nil || !strings.Contains(err.Error(), "pkcs11") {
		t.Fatalf("%v", err)
	}
	gone, err := r.Withdraw(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Destroy(gone); err == nil || !strings.Contains(err.Error(), "pkcs11") {
		t.Errorf("nobody is told that the token still has the key: %v", err)
	}
	again := ring(t, store, nil)
	verified(t, again, sign(t, again, jose.ES256), jose.ES256)
	if keys := stored(t, store); !slices.ContainsFunc(keys, func(k signing.Key) bool { return k.Keeper == signing.InStore && k.WithdrawnAt.IsZero() }) {
		t.Errorf("%+v", keys)
	}
}

// less is a token that lacks an algorithm.
type less struct{ *Token }

func (l less) Can(alg jose.SignatureAlgorithm) bool { return alg != jose.EdDSA && l.Token.Can(alg) }

// An algorithm that the token has not holds up no other.
func TestAnAlgorithmThatTheTokenHasNot(t *testing.T) {
	store := sqlstore.New(backendtest.SQLite(t, sqlstore.Migrations()))
	r := ring(t, store, less{opened(t)}, jose.EdDSA, jose.PS256)
	if err := r.Refresh(t.Context()); err == nil || r.Can(jose.EdDSA) || r.Ready(jose.EdDSA) == nil {
		t.Errorf("%v", err)
	}
	verified(t, r, sign(t, r, jose.PS256), jose.PS256)
}

// One signature in the token by each algorithm.
func BenchmarkSignInTheToken(b *testing.B) {
	r := ring(b, sqlstore.New(backendtest.SQLite(b, sqlstore.Migrations())), opened(b), all...)
	for _, alg := range all {
		b.Run(string(alg), func(b *testing.B) {
			for b.Loop() {
				sign(b, r, alg)
			}
		})
	}
}
