package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/totp"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/sqldb"
)

func authenticator(account ident.AccountID, id string, minute int) totp.Authenticator {
	return totp.Authenticator{
		ID: id, Account: account, Name: "App " + id, Seed: []byte("sealed " + id), LastStep: 100, AddedAt: at.Add(time.Duration(minute) * time.Minute),
	}
}

// later is a record of a change some time after the others.
func later(d time.Duration) factor.Record { return factor.Record{At: at.Add(d)} }

func TestAuthenticators(t *testing.T) {
	each(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Store) {
		anna, bob := create(t, s, someone("n00anna", "anna@example.org")), create(t, s, someone("n00bob", "bob@example.org"))
		r := &resets{}
		apps := sqlstore.NewAuthenticators(s, r)
		one, two := authenticator(anna.ID, "one", 0), authenticator(anna.ID, "two", 1)
		for _, a := range []totp.Authenticator{two, one} {
			if err := apps.Add(t.Context(), a, noted); err != nil {
				t.Fatal(err)
			}
		}
		if err := apps.Add(t.Context(), authenticator(bob.ID, "one", 0), noted); !errors.Is(err, totp.ErrSetup) {
			t.Errorf("the same id twice: %v", err)
		}
		got, err := apps.Authenticators(t.Context(), anna.ID)
		if err != nil || len(got) != 2 || got[0].ID != "one" || string(got[0].Seed) != "sealed one" || got[0].LastStep != 100 || !got[0].LastUsedAt.IsZero() {
			t.Fatalf("%+v %v", got, err)
		}
		if err := apps.Rename(t.Context(), bob.ID, "one", "Bob's", noted); !errors.Is(err, factor.ErrUnknown) {
			t.Errorf("Bob renames Anna's: %v", err)
		}
		if err := apps.Rename(t.Context(), anna.ID, "one", "Work", noted); err != nil {
			t.Error(err)
		}
		if err := apps.Remove(t.Context(), bob.ID, "one", noted); !errors.Is(err, factor.ErrUnknown) {
			t.Errorf("Bob removes Anna's: %v", err)
		}
		if err := apps.Remove(t.Context(), anna.ID, "two", noted); err != nil || r.n.Load() != 0 {
			t.Errorf("%v, %d resets", err, r.n.Load())
		}
		if err := apps.Remove(t.Context(), anna.ID, "one", noted); err != nil || r.n.Load() != 1 {
			t.Errorf("the last one: %v, %d resets", err, r.n.Load())
		}
		if n := count(t, db, "audit_events"); n != 5 || count(t, db, mails) != 5 {
			t.Errorf("%d events: each change has one event and one message, a refused one none", n)
		}
		removedAndBack(t, apps, anna.ID, bob.ID)
	})
}

// removedAndBack goes on from a removed authenticator "one" of Anna's.
func removedAndBack(t *testing.T, apps *sqlstore.Authenticators, anna, bob ident.AccountID) {
	t.Helper()
	if won, err := apps.Spend(t.Context(), anna, "one", 200, at); won || err != nil {
		t.Errorf("a removed one was used: %v %v", won, err)
	}
	if err := apps.Restore(t.Context(), bob, "one", later(time.Hour)); !errors.Is(err, factor.ErrUnknown) {
		t.Errorf("Bob brings Anna's back: %v", err)
	}
	if err := apps.Restore(t.Context(), anna, "one", later(factor.KeptFor)); !errors.Is(err, factor.ErrUnknown) {
		t.Errorf("after seven days: %v", err)
	}
	if err := apps.Restore(t.Context(), anna, "one", later(factor.KeptFor-time.Second)); err != nil {
		t.Errorf("within seven days: %v", err)
	}
	if err := apps.Restore(t.Context(), anna, "one", later(time.Hour)); !errors.Is(err, factor.ErrUnknown) {
		t.Errorf("a living one: %v", err)
	}
	if got, _ := apps.Factors(t.Context(), anna); len(got) != 1 || got[0].Name != "Work" {
		t.Errorf("back: %+v", got)
	}
}

// The code of one step is good once, whoever is first; an older step is never good afterwards.
func TestAStepIsSpentOnceByAHundredRacers(t *testing.T) {
	each(t, func(t *testing.T, _ *sqldb.DB, s *sqlstore.Store) {
		anna := create(t, s, someone("n00anna", "anna@example.org"))
		apps := sqlstore.NewAuthenticators(s, &resets{})
		if err := apps.Add(t.Context(), authenticator(anna.ID, "one", 0), noted); err != nil {
			t.Fatal(err)
		}
		var won atomic.Int64
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				first, err := apps.Spend(t.Context(), anna.ID, "one", 101, at)
				if err != nil {
					t.Error(err)
				}
				if first {
					won.Add(1)
				}
			})
		}
		all.Wait()
		if won.Load() != 1 {
			t.Errorf("%d won", won.Load())
		}
		for step, want := range map[int64]bool{100: false, 101: false, 99: false} {
			if got, _ := apps.Spend(t.Context(), anna.ID, "one", step, at); got != want {
				t.Errorf("step %d: %v", step, got)
			}
		}
		if got, _ := apps.Spend(t.Context(), anna.ID, "one", 102, at); !got {
			t.Error("the next step is refused")
		}
	})
}

func TestAtMostFiveAuthenticatorsEvenInARace(t *testing.T) {
	each(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Store) {
		anna := create(t, s, someone("n00anna", "anna@example.org"))
		apps := sqlstore.NewAuthenticators(s, &resets{})
		var full atomic.Int64
		var all sync.WaitGroup
		for i := range 12 {
			all.Go(func() {
				err := apps.Add(t.Context(), authenticator(anna.ID, fmt.Sprint("id", i), i), unnoted)
				if errors.Is(err, totp.ErrFull) {
					full.Add(1)
				} else if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := count(t, db, "authenticators"); n != totp.MaxAuthenticators || full.Load() != 12-totp.MaxAuthenticators {
			t.Errorf("%d authenticators, %d refused", n, full.Load())
		}
	})
}

func TestNumbersCanComeBack(t *testing.T) {
	each(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Store) {
		anna := create(t, s, someone("n00anna", "anna@example.org"))
		r := &resets{}
		numbers := sqlstore.NewNumbers(s, r)
		first := registered("id1", "+32123456789", 0)
		if err := errors.Join(numbers.AddNumber(t.Context(), anna.ID, first, noted), numbers.Remove(t.Context(), anna.ID, "id1", noted)); err != nil || r.n.Load() != 0 {
			t.Fatalf("%v, %d resets although numbers are no factor", err, r.n.Load())
		}
		if err := numbers.UseNumber(t.Context(), anna.ID, "id1", at); !errors.Is(err, factor.ErrUnknown) {
			t.Errorf("a removed number was used: %v", err)
		}
		if err := numbers.AddNumber(t.Context(), anna.ID, registered("id2", "+32123456789", 1), noted); err != nil {
			t.Errorf("the same number again: %v", err)
		}
		if err := numbers.Restore(t.Context(), anna.ID, "id1", later(time.Hour)); err != nil {
			t.Errorf("back, although it is there: %v", err)
		}
		if got, _ := numbers.Numbers(t.Context(), anna.ID); len(got) != 1 || got[0].ID != "id2" {
			t.Errorf("%+v", got)
		}
		s.NumbersSignIn = true
		if err := numbers.UseNumber(t.Context(), anna.ID, "id2", at.Add(time.Hour)); err != nil {
			t.Error(err)
		}
		if got, _ := numbers.Factors(t.Context(), anna.ID); len(got) != 1 || !got[0].Usable || got[0].Name != "+32 ••• •• 89" || !got[0].LastUsedAt.Equal(at.Add(time.Hour)) {
			t.Errorf("%+v", got)
		}
		if err := numbers.Remove(t.Context(), anna.ID, "id2", noted); err != nil || r.n.Load() != 1 {
			t.Errorf("the last factor: %v, %d resets", err, r.n.Load())
		}
	})
}

// A number that can be used to sign in keeps the account from being told as without a factor.
func TestANumberIsAFactorWhereTheOperatorSaysSo(t *testing.T) {
	each(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Store) {
		anna := create(t, s, someone("n00anna", "anna@example.org"))
		numbers, apps := sqlstore.NewNumbers(s, s), sqlstore.NewAuthenticators(s, s)
		told := func() int { return count(t, db, "event_sequence") }
		err := errors.Join(numbers.AddNumber(t.Context(), anna.ID, registered("id1", "+32123456789", 0), unnoted), apps.Add(t.Context(), authenticator(anna.ID, "one", 0), unnoted))
		if err != nil {
			t.Fatal(err)
		}
		s.NumbersSignIn = true
		if err := apps.Remove(t.Context(), anna.ID, "one", unnoted); err != nil || told() != 0 {
			t.Errorf("%v, %d told", err, told())
		}
		if err := apps.Restore(t.Context(), anna.ID, "one", later(time.Hour)); err != nil {
			t.Fatal(err)
		}
		s.NumbersSignIn = false
		if err := apps.Remove(t.Context(), anna.ID, "one", unnoted); err != nil || told() != 1 {
			t.Errorf("%v, %d told", err, told())
		}
	})
}

func TestRemovedCodesAreForgotten(t *testing.T) {
	each(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Store) {
		anna := create(t, s, someone("n00anna", "anna@example.org"))
		numbers, apps, codes := sqlstore.NewNumbers(s, s), sqlstore.NewAuthenticators(s, s), sqlstore.NewRecoveryCodes(s)
		for _, err := range []error{
			numbers.AddNumber(t.Context(), anna.ID, registered("id1", "+32123456789", 0), unnoted), numbers.Remove(t.Context(), anna.ID, "id1", unnoted),
			numbers.AddNumber(t.Context(), anna.ID, registered("id2", "+32123456780", 0), unnoted),
			apps.Add(t.Context(), authenticator(anna.ID, "one", 0), unnoted), apps.Remove(t.Context(), anna.ID, "one", unnoted),
			apps.Add(t.Context(), authenticator(anna.ID, "two", 0), unnoted),
			codes.Issue(t.Context(), recoverySet(anna.ID, "old"), "", unnoted), codes.Remove(t.Context(), anna.ID, "old", unnoted),
			codes.Issue(t.Context(), recoverySet(anna.ID, "new"), "", unnoted),
			s.ForgetRemovedCodes(t.Context(), at), // as long as they can come back, nothing
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		tables := map[string]int{"numbers": 1, "authenticators": 1, "recovery_sets": 1, "recovery_codes": 10}
		for table, living := range tables {
			if n := count(t, db, table); n != 2*living {
				t.Errorf("before: %d rows in %s", n, table)
			}
		}
		if err := s.ForgetRemovedCodes(t.Context(), at.Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		for table, living := range tables {
			if n := count(t, db, table); n != living {
				t.Errorf("after: %d rows in %s", n, table)
			}
		}
	})
}
