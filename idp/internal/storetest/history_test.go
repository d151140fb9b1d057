package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/sqldb"
)

func attempt(id string, who ident.AccountID, ago time.Duration) login.Attempt {
	return login.Attempt{
		ID: id, At: at.Add(-ago), Account: who, Service: "CPMS", Browser: "Firefox, Linux", Address: "2001:db8::1",
		Methods: "app_pin password", Level: "MEDIUM", Outcome: login.SignedIn,
	}
}

func TestHistory(t *testing.T) {
	each(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Store) {
		for i := range 5 {
			a := attempt(fmt.Sprintf("a%d", i), "n00anna", time.Duration(i)*24*time.Hour)
			if err := s.RecordAttempt(t.Context(), a, nil, nil); err != nil {
				t.Fatal(err)
			}
		}
		for _, who := range []ident.AccountID{"", "n00bob"} { // of nobody; of somebody else
			if err := s.RecordAttempt(t.Context(), attempt("x"+string(who), who, 0), nil, nil); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.Attempts(t.Context(), "n00anna", 3)
		if err != nil || len(got) != 3 || got[0] != attempt("a0", "n00anna", 0) || got[2].ID != "a2" {
			t.Fatalf("%+v %v", got, err)
		}
		if err := s.ForgetAttempts(t.Context(), at.Add(-36*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if got, _ = s.Attempts(t.Context(), "n00anna", 10); len(got) != 2 {
			t.Fatalf("%d lines are left", len(got))
		}
	})
}

// A line is written once with its event and its mail, however often a sign-in is finished.
func TestHistoryIsWrittenOnce(t *testing.T) {
	each(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Store) {
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				event := []audit.Event{audit.SignedIn("n00anna", "CPMS", "password", "BASIC")}
				if err := s.RecordAttempt(t.Context(), attempt("once", "n00anna", 0), event, message); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if h, e, m := count(t, db, "signin_history"), count(t, db, "audit_events"), count(t, db, mails); h != 1 || e != 1 || m != 1 {
			t.Fatalf("%d lines, %d events, %d mails", h, e, m)
		}
	})
}
