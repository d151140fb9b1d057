package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/password"
	"eulogin.example/idp/internal/factor/sms"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/sqldb"
)

var at = time.Date(2026, 11, 23, 12, 0, 0, 123456000, time.UTC)

func someone(id, email string) account.Account {
	return account.Account{
		ID: ident.AccountID(id), GivenName: "Jörg", FamilyName: "O'Neill", Email: email, EmailKey: email, MailLang: "de",
		Status: account.Active, Assurance: 10, PrivacyVersion: "2026-11", CreatedAt: at,
	}
}

func each(t *testing.T, f func(t *testing.T, db *sqldb.DB, s *sqlstore.Store)) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) { f(t, db, sqlstore.New(db)) }, sqlstore.Migrations())
}

func count(t *testing.T, db *sqldb.DB, table string) (n int) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func create(t *testing.T, s *sqlstore.Store, a account.Account) account.Account {
	t.Helper()
	if err := s.Create(t.Context(), a, "hash-1", nil, nil); err != nil {
		t.Fatal(err)
	}
	a.UpdatedAt, a.Version = a.CreatedAt, 1
	return a
}

// mails are the rows of the outbox that go to people.
const mails = `outbox WHERE kind = 'mail'`

var (
	event   = []audit.Event{audit.PasswordChanged("n00anna")}
	message = []notify.Message{notify.AccountDisabled(notify.Person{Email: "a@b.eu", Lang: "en"})}
)

func TestAccounts(t *testing.T) {
	each(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Store) {
		a := someone("n00anna", "anna@example.org")
		if err := s.Create(t.Context(), a, "hash-1", event, message); err != nil {
			t.Fatal(err)
		}
		a.UpdatedAt, a.Version = at, 1
		for _, get := range []func() (account.Account, error){
			func() (account.Account, error) { return s.ByID(t.Context(), a.ID) },
			func() (account.Account, error) { return s.ByEmailKey(t.Context(), a.EmailKey) },
		} {
			if got, err := get(); err != nil || !reflect.DeepEqual(got, a) {
				t.Errorf("got %+v %v", got, err)
			}
		}
		if _, err := s.ByID(t.Context(), "n00none"); !errors.Is(err, account.ErrUnknown) {
			t.Errorf("unknown id: %v", err)
		}
		if _, err := s.ByEmailKey(t.Context(), "ANNA@example.org"); !errors.Is(err, account.ErrUnknown) {
			t.Errorf("keys are compared as they are: %v", err)
		}
		if hash, err := s.PasswordHash(t.Context(), a.ID); err != nil || hash != "hash-1" {
			t.Errorf("password: %q %v", hash, err)
		}
		if count(t, db, "audit_events") != 1 || count(t, db, mails) != 1 {
			t.Error("event and message are written with the account")
		}
	})
}

// A refused write leaves nothing behind, neither event nor message.
func TestAccountsAreUnique(t *testing.T) {
	each(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Store) {
		create(t, s, someone("n00anna", "anna@example.org"))
		if err := s.Create(t.Context(), someone("n00bob", "anna@example.org"), "h", event, message); !errors.Is(err, account.ErrEmailTaken) {
			t.Errorf("same address: %v", err)
		}
		if err := s.Create(t.Context(), someone("n00anna", "bob@example.org"), "h", event, message); !errors.Is(err, account.ErrIDTaken) {
			t.Errorf("same id: %v", err)
		}
		if count(t, db, "accounts") != 1 || count(t, db, "passwords") != 1 || count(t, db, "audit_events") != 0 || count(t, db, mails) != 0 {
			t.Error("a refused account left something behind")
		}
	})
}

func TestOneOfManyCreatesWins(t *testing.T) {
	each(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Store) {
		var won atomic.Int64
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				switch err := s.Create(context.Background(), someone(fmt.Sprintf("n00n%d", i), "anna@example.org"), "h", event, message); {
				case err == nil:
					won.Add(1)
				case !errors.Is(err, account.ErrEmailTaken):
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 || count(t, db, mails) != 1 {
			t.Errorf("%d accounts, %d messages", won.Load(), count(t, db, mails))
		}
	})
}

func TestUpdateWantsTheNewestVersion(t *testing.T) {
	each(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Store) {
		a := create(t, s, someone("n00anna", "anna@example.org"))
		later := at.Add(time.Hour)
		changed := a
		changed.MailLang, changed.AlwaysMFA = "fr", true
		if err := s.Update(t.Context(), later, changed, event, message); err != nil {
			t.Fatal(err)
		}
		changed.UpdatedAt, changed.Version = later, 2
		if got, _ := s.ByID(t.Context(), a.ID); !reflect.DeepEqual(got, changed) {
			t.Errorf("got %+v", got)
		}
		if err := s.Update(t.Context(), later, a, event, message); !errors.Is(err, account.ErrChanged) {
			t.Errorf("an old version: %v", err)
		}
		if count(t, db, "audit_events") != 1 || count(t, db, mails) != 1 {
			t.Error("the refused update left something behind")
		}
	})
}

func TestPasswords(t *testing.T) {
	each(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Store) {
		a := create(t, s, someone("n00anna", "anna@example.org"))
		for _, id := range []ident.AccountID{"", "n00none"} {
			if _, err := s.PasswordHash(t.Context(), id); !errors.Is(err, password.ErrNone) {
				t.Errorf("%q: %v", id, err)
			}
			if err := s.SetPassword(t.Context(), at, id, "h", event, message); !errors.Is(err, password.ErrNone) {
				t.Errorf("set %q: %v", id, err)
			}
		}
		if err := s.SetPassword(t.Context(), at, a.ID, "hash-2", event, message); err != nil {
			t.Fatal(err)
		}
		if count(t, db, "audit_events") != 1 || count(t, db, mails) != 1 {
			t.Error("event and message of the one change are missing, or there are too many")
		}
		for _, step := range []struct{ old, renewed, want string }{
			{"hash-1", "hash-3", "hash-2"}, // the password was changed meanwhile: nothing happens
			{"hash-2", "hash-3", "hash-3"},
		} {
			if err := s.Rehash(t.Context(), a.ID, step.old, step.renewed); err != nil {
				t.Fatal(err)
			}
			if got, _ := s.PasswordHash(t.Context(), a.ID); got != step.want {
				t.Errorf("rehash from %s: %q", step.old, got)
			}
		}
	})
}

func registered(id, number string, minute int) sms.Registered {
	return sms.Registered{ID: id, Number: sms.Number(number), AddedAt: at.Add(time.Duration(minute) * time.Minute)}
}

// noted is what goes with a change of factors, and unnoted a change that leaves no trace.
var (
	noted   = factor.Record{At: at, Events: event, Notices: message}
	unnoted = factor.Record{At: at}
)

func TestNumbers(t *testing.T) {
	each(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Store) {
		numbers := sqlstore.NewNumbers(s, s)
		anna := create(t, s, someone("n00anna", "anna@example.org"))
		bob := create(t, s, someone("n00bob", "bob@example.org"))
		first, second := registered("id1", "+32123456789", 0), registered("id2", "+33612345678", 1)
		for _, n := range []sms.Registered{second, first} {
			if err := numbers.AddNumber(t.Context(), anna.ID, n, noted); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := numbers.Numbers(t.Context(), anna.ID); err != nil || len(got) != 2 || got[0] != first || got[1] != second {
			t.Errorf("%+v %v", got, err)
		}
		if err := numbers.AddNumber(t.Context(), anna.ID, registered("id3", "+32123456789", 2), noted); !errors.Is(err, sms.ErrDuplicate) {
			t.Errorf("twice: %v", err)
		}
		if err := numbers.AddNumber(t.Context(), bob.ID, registered("id4", "+32123456789", 2), unnoted); err != nil {
			t.Errorf("two people may share a phone: %v", err)
		}
		if err := numbers.AddNumber(t.Context(), "n00none", registered("id5", "+32123456789", 2), unnoted); !errors.Is(err, account.ErrUnknown) {
			t.Errorf("nobody: %v", err)
		}
		if err := numbers.Remove(t.Context(), bob.ID, "id1", noted); !errors.Is(err, factor.ErrUnknown) {
			t.Errorf("somebody else's number: %v", err)
		}
		if err := numbers.Remove(t.Context(), anna.ID, "id1", noted); err != nil {
			t.Fatal(err)
		}
		if got, _ := numbers.Numbers(t.Context(), anna.ID); len(got) != 1 || got[0] != second {
			t.Errorf("after deleting: %+v", got)
		}
		if count(t, db, "audit_events") != 3 || count(t, db, mails) != 3 {
			t.Error("each change has one event and one message, a refused one none")
		}
	})
}

func TestAtMostFiveNumbersEvenInARace(t *testing.T) {
	each(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Store) {
		numbers := sqlstore.NewNumbers(s, s)
		anna := create(t, s, someone("n00anna", "anna@example.org"))
		var full atomic.Int64
		var wg sync.WaitGroup
		for i := range 12 {
			wg.Go(func() {
				err := numbers.AddNumber(context.Background(), anna.ID, registered(fmt.Sprint("id", i), fmt.Sprintf("+3212345678%02d", i), i), unnoted)
				if errors.Is(err, sms.ErrFull) {
					full.Add(1)
				} else if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := count(t, db, "numbers"); n != sms.MaxNumbers || full.Load() != 12-sms.MaxNumbers {
			t.Errorf("%d numbers, %d refused", n, full.Load())
		}
	})
}

func TestAuditEvents(t *testing.T) {
	each(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Store) {
		events := []audit.Event{audit.FactorAdded("n00anna", "sms", "id1"), audit.RecoveryAsked("")}
		if err := s.Record(t.Context(), at, events, nil); err != nil {
			t.Fatal(err)
		}
		var actor, subject, detail string
		var when int64
		err := db.QueryRowContext(t.Context(), `SELECT at, actor, subject, detail FROM audit_events WHERE action = $1`, "factor.added").
			Scan(&when, &actor, &subject, &detail)
		if err != nil || when != at.UnixMicro() || actor != "n00anna" || subject != "n00anna" || detail != `{"factor":"id1","method":"sms"}` {
			t.Errorf("%d %s %s %s %v", when, actor, subject, detail, err)
		}
		if count(t, db, "audit_events") != 2 {
			t.Error("an event was lost")
		}
	})
}
