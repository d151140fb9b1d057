package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/grant"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/sqldb"
)

var moment = at.Add(123456 * time.Microsecond)

func family(id, sid string) grant.Family {
	return grant.Family{
		ID: id, Current: "digest-1", ExpiresAt: moment.Add(time.Hour),
		Approval: grant.Approval{Client: "rp", Account: "n00anna", SID: sid, Scopes: []string{"openid", "email"}, ACR: "acr", AMR: []string{"pin", "pwd"}, AuthTime: moment.Add(-time.Minute)},
	}
}

func lives(t *testing.T, s *sqlstore.Store, id string) bool {
	t.Helper()
	f, err := s.FamilyByID(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return f.RevokedAt.IsZero()
}

// What is written is read again, to the microsecond.
func TestFamilies(t *testing.T) {
	each(t, func(t *testing.T, _ *sqldb.DB, s *sqlstore.Store) {
		ctx := t.Context()
		want := family("f1", "s1")
		must(t, s.AddFamily(ctx, moment, want))
		got, err := s.FamilyByID(ctx, "f1")
		must(t, err)
		if got.Client != want.Client || got.Account != want.Account || got.SID != want.SID || !slices.Equal(got.Scopes, want.Scopes) || got.ACR != want.ACR ||
			!slices.Equal(got.AMR, want.AMR) || !got.AuthTime.Equal(want.AuthTime) || !got.ExpiresAt.Equal(want.ExpiresAt) || !got.RotatedAt.IsZero() || !got.RevokedAt.IsZero() || got.Previous != "" {
			t.Fatalf("%+v", got)
		}
		if _, err := s.FamilyByID(ctx, "f2"); !errors.Is(err, grant.ErrInvalid) {
			t.Errorf("an unknown family: %v", err)
		}
		must(t, s.RotateFamily(ctx, moment.Add(time.Minute), "f1", "digest-1", "digest-2"))
		if err := s.RotateFamily(ctx, moment, "f1", "digest-1", "digest-3"); !errors.Is(err, grant.ErrInvalid) {
			t.Errorf("a token that was rotated: %v", err)
		}
		got, err = s.FamilyByID(ctx, "f1")
		must(t, err)
		if got.Current != "digest-2" || got.Previous != "digest-1" || !got.RotatedAt.Equal(moment.Add(time.Minute)) {
			t.Errorf("%+v", got)
		}
		must(t, s.RevokeFamily(ctx, moment, "f1", "test"))
		must(t, s.RevokeFamily(ctx, moment.Add(time.Hour), "f1", "again"))
		must(t, s.RevokeFamily(ctx, moment, "nobody", "test"))
		if got, _ = s.FamilyByID(ctx, "f1"); !got.RevokedAt.Equal(moment) {
			t.Errorf("revoked at %v: the first moment counts", got.RevokedAt)
		}
		if err := s.RotateFamily(ctx, moment, "f1", "digest-2", "digest-3"); !errors.Is(err, grant.ErrInvalid) {
			t.Errorf("a revoked family: %v", err)
		}
	})
}

// An exchange that was interrupted may write its family again; one that gave something, or
// another client's, may not.
func TestFamilyIsReplacedBeforeItGaveAnything(t *testing.T) {
	each(t, func(t *testing.T, _ *sqldb.DB, s *sqlstore.Store) {
		ctx := t.Context()
		f := family("f1", "s1")
		must(t, s.AddFamily(ctx, moment, f))
		f.Current = "digest-again"
		must(t, s.AddFamily(ctx, moment, f))
		other := f
		other.Client = "other"
		if err := s.AddFamily(ctx, moment, other); !errors.Is(err, grant.ErrInvalid) {
			t.Errorf("another client: %v", err)
		}
		must(t, s.RotateFamily(ctx, moment, "f1", "digest-again", "digest-2"))
		if err := s.AddFamily(ctx, moment, f); !errors.Is(err, grant.ErrInvalid) {
			t.Errorf("after a rotation: %v", err)
		}
		g := family("f2", "s1")
		must(t, s.AddFamily(ctx, moment, g))
		must(t, s.RevokeFamily(ctx, moment, "f2", "test"))
		if err := s.AddFamily(ctx, moment, g); !errors.Is(err, grant.ErrInvalid) {
			t.Errorf("after a revocation: %v", err)
		}
	})
}

func TestOneOfAHundredRotations(t *testing.T) {
	each(t, func(t *testing.T, _ *sqldb.DB, s *sqlstore.Store) {
		must(t, s.AddFamily(t.Context(), moment, family("f1", "s1")))
		var won, lost atomic.Int64
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				switch err := s.RotateFamily(t.Context(), moment, "f1", "digest-1", fmt.Sprint("next-", i)); {
				case err == nil:
					won.Add(1)
				case errors.Is(err, grant.ErrInvalid):
					lost.Add(1)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 || lost.Load() != 99 {
			t.Fatalf("%d won, %d lost", won.Load(), lost.Load())
		}
	})
}

func TestRevokeFamiliesOfASessionOrAnAccount(t *testing.T) {
	each(t, func(t *testing.T, _ *sqldb.DB, s *sqlstore.Store) {
		ctx := t.Context()
		stranger := family("f4", "s1")
		stranger.Account = "n00berta"
		for _, f := range []grant.Family{family("f1", "s1"), family("f2", "s1"), family("f3", "s2"), stranger} {
			must(t, s.AddFamily(ctx, moment, f))
		}
		must(t, s.RevokeFamilies(ctx, moment, "n00anna", "s1", "test"))
		if lives(t, s, "f1") || lives(t, s, "f2") || !lives(t, s, "f3") || !lives(t, s, "f4") {
			t.Error("by session")
		}
		must(t, s.RevokeFamilies(ctx, moment, "n00anna", "", "test"))
		if lives(t, s, "f3") || !lives(t, s, "f4") {
			t.Error("by account")
		}
		must(t, s.ForgetFamilies(ctx, moment.Add(2*time.Hour)))
		if _, err := s.FamilyByID(ctx, "f4"); !errors.Is(err, grant.ErrInvalid) {
			t.Errorf("a family past its end was kept: %v", err)
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
