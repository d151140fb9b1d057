package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/signing"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/sqldb"
)

// twoKeys stores a key of ES256 and one of PS512, an hour apart.
func twoKeys(t *testing.T, s *sqlstore.Store) {
	t.Helper()
	for i, alg := range []jose.SignatureAlgorithm{jose.ES256, jose.PS512} {
		k := signing.Key{Generation: int64(i + 1), Algorithm: alg, KID: fmt.Sprint("k", i), Keeper: signing.InStore, Kept: []byte{0, 1, 255}, ActiveFrom: moment.Add(time.Duration(i) * time.Hour)}
		must(t, s.AddKey(t.Context(), moment, k, audit.SigningKeyMade(k.KID, string(alg), k.ActiveFrom)))
	}
}

// Of two replicas that make the same generation of key one succeeds, and the other leaves no trace.
func TestSigningKeys(t *testing.T) {
	each(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Store) {
		ctx := t.Context()
		twoKeys(t, s)
		twin := signing.Key{Generation: 2, Algorithm: jose.ES256, KID: "twin", Kept: []byte{1}, ActiveFrom: moment}
		if err := s.AddKey(ctx, moment, twin, audit.SigningKeyMade("twin", "ES256", moment)); !errors.Is(err, signing.ErrGeneration) {
			t.Errorf("the same generation again: %v", err)
		}
		if n := count(t, db, "audit_events"); n != 2 {
			t.Errorf("%d events", n)
		}
		keys, err := s.Keys(ctx)
		must(t, err)
		if len(keys) != 2 || keys[0].KID != "k0" || keys[0].Algorithm != jose.ES256 || keys[1].Algorithm != jose.PS512 || keys[0].Keeper != signing.InStore ||
			!slices.Equal(keys[0].Kept, []byte{0, 1, 255}) || !keys[1].ActiveFrom.Equal(moment.Add(time.Hour)) || !keys[0].WithdrawnAt.IsZero() {
			t.Fatalf("%+v", keys)
		}
		must(t, s.DropKeys(ctx, moment.Add(time.Minute)))
		if keys, err = s.Keys(ctx); err != nil || len(keys) != 1 || keys[0].KID != "k1" {
			t.Errorf("%+v %v", keys, err)
		}
	})
}

// A withdrawn key keeps its name and its place, and nothing of its private half; it is withdrawn once.
func TestWithdrawnSigningKeys(t *testing.T) {
	each(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Store) {
		ctx := t.Context()
		twoKeys(t, s)
		must(t, s.WithdrawKeys(ctx, moment, []string{"k1"}, []audit.Event{audit.SigningKeyWithdrawn("k1", "PS512")}))
		must(t, s.WithdrawKeys(ctx, moment.Add(time.Hour), []string{"k1", "unknown"}, nil))
		keys, err := s.Keys(ctx)
		must(t, err)
		if len(keys) != 2 || len(keys[0].Kept) == 0 || !keys[0].WithdrawnAt.IsZero() || keys[1].KID != "k1" || len(keys[1].Kept) != 0 || !keys[1].WithdrawnAt.Equal(moment) {
			t.Errorf("%+v", keys)
		}
		if n := count(t, db, "audit_events WHERE action = 'signing_key.withdrawn'"); n != 1 {
			t.Errorf("%d events", n)
		}
	})
}
