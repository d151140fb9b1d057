package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/recovery"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/sqldb"
)

func recoverySet(account ident.AccountID, id string) recovery.Set {
	s := recovery.Set{ID: id, Account: account, IssuedAt: at}
	for i := range s.Digests {
		s.Digests[i] = fmt.Sprint("digest ", id, i)
	}
	return s
}

func TestRecoverySets(t *testing.T) {
	each(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Store) {
		anna, bob := create(t, s, someone("n00anna", "anna@example.org")), create(t, s, someone("n00bob", "bob@example.org"))
		codes := sqlstore.NewRecoveryCodes(s)
		if _, err := codes.RecoverySet(t.Context(), anna.ID); !errors.Is(err, factor.ErrUnknown) {
			t.Errorf("none: %v", err)
		}
		old, fresh := recoverySet(anna.ID, "old"), recoverySet(anna.ID, "fresh")
		if err := codes.Issue(t.Context(), old, "", noted); err != nil {
			t.Fatal(err)
		}
		for name, replaces := range map[string]string{"from a page that showed none": "", "from an older page": "older"} {
			if err := codes.Issue(t.Context(), fresh, replaces, noted); !errors.Is(err, recovery.ErrIssued) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := codes.Issue(t.Context(), recoverySet(bob.ID, "bobs"), "old", noted); !errors.Is(err, recovery.ErrIssued) {
			t.Errorf("Bob replaces Anna's: %v", err)
		}
		if got, err := codes.RecoverySet(t.Context(), anna.ID); err != nil || got != old || got.Left() != recovery.Count {
			t.Errorf("%+v %v", got, err)
		}
		if err := codes.Issue(t.Context(), fresh, "old", noted); err != nil {
			t.Fatal(err)
		}
		if first, err := codes.Spend(t.Context(), old, 0, noted); first || err != nil {
			t.Errorf("a code of the old set: %v %v", first, err)
		}
		if n := count(t, db, "recovery_codes"); n != recovery.Count || count(t, db, "audit_events") != 2 || count(t, db, mails) != 2 {
			t.Errorf("%d codes are kept, or the records of refused changes", n)
		}
		if err := codes.Remove(t.Context(), bob.ID, "fresh", noted); !errors.Is(err, factor.ErrUnknown) {
			t.Errorf("Bob removes Anna's: %v", err)
		}
		if err := codes.Remove(t.Context(), anna.ID, "fresh", noted); err != nil {
			t.Fatal(err)
		}
		if got, err := codes.Factors(t.Context(), anna.ID); len(got) != 0 || err != nil {
			t.Errorf("removed: %+v %v", got, err)
		}
		if err := codes.Restore(t.Context(), anna.ID, "fresh", later(time.Hour)); err != nil {
			t.Errorf("back: %v", err)
		}
		if got, err := codes.RecoverySet(t.Context(), anna.ID); err != nil || got != fresh {
			t.Errorf("%+v %v", got, err)
		}
		comesTooLate(t, codes, anna.ID)
	})
}

// comesTooLate removes the living set, issues another and brings the first one back.
func comesTooLate(t *testing.T, codes *sqlstore.RecoveryCodes, anna ident.AccountID) {
	t.Helper()
	if err := errors.Join(codes.Remove(t.Context(), anna, "fresh", unnoted), codes.Issue(t.Context(), recoverySet(anna, "newest"), "", unnoted)); err != nil {
		t.Fatal(err)
	}
	if err := codes.Restore(t.Context(), anna, "fresh", later(time.Hour)); !errors.Is(err, factor.ErrUnknown) {
		t.Errorf("beside a newer set: %v", err)
	}
}

func TestARecoveryCodeIsSpentOnceByAHundredRacers(t *testing.T) {
	each(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Store) {
		anna := create(t, s, someone("n00anna", "anna@example.org"))
		codes, set := sqlstore.NewRecoveryCodes(s), recoverySet(anna.ID, "set")
		if err := codes.Issue(t.Context(), set, "", unnoted); err != nil {
			t.Fatal(err)
		}
		var won atomic.Int64
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				first, err := codes.Spend(t.Context(), set, 3, noted)
				if err != nil {
					t.Error(err)
				}
				if first {
					won.Add(1)
				}
			})
		}
		all.Wait()
		got, err := codes.RecoverySet(t.Context(), anna.ID)
		if err != nil || won.Load() != 1 || got.Left() != 9 || got.Digests[3] != "" || !got.LastUsedAt.Equal(at) {
			t.Errorf("%d won; %+v %v", won.Load(), got, err)
		}
		if count(t, db, "audit_events") != 1 || count(t, db, mails) != 1 {
			t.Error("one use is one event and one message")
		}
	})
}
