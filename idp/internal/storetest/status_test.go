package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/sqldb"
)

// kept are the tables that may speak of an erased account.
var kept = map[string]bool{"refresh_families": true, "erasures": true}

// tablesOfAccounts lists every table with a column account_id, whoever added it.
func tablesOfAccounts(t *testing.T, db *sqldb.DB) []string {
	t.Helper()
	query := `SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c ON c.name = 'account_id' WHERE m.type = 'table'`
	if db.Engine() == "postgres" {
		query = `SELECT table_name FROM information_schema.columns WHERE column_name = 'account_id' AND table_schema = current_schema()`
	}
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		out = append(out, name)
	}
	if err := rows.Err(); err != nil || len(out) < 10 {
		t.Fatalf("%v %v", out, err)
	}
	return out
}

// An erased account leaves its id and the record, in no table anything else, and services are
// told. A table that somebody adds later cannot be forgotten.
func TestErasingLeavesNothingPersonal(t *testing.T) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) {
		u := newUndone(t, db)
		u.add(t)
		if _, err := u.Added(t.Context(), u.anna, factor.Factor{Method: policy.SMS, ID: "n"}); err != nil {
			t.Fatal(err)
		}
		before := count(t, db, "outbox WHERE kind = 'account_event'")
		if err := u.Store.Erase(t.Context(), u.Clock.Now(), u.anna, audit.AccountErased(u.anna)); err != nil {
			t.Fatal(err)
		}
		for _, table := range tablesOfAccounts(t, db) {
			if n := count(t, db, fmt.Sprintf("%s WHERE account_id = '%s'", table, u.anna)); n > 0 && !kept[table] {
				t.Errorf("%s holds %d rows", table, n)
			}
			if !kept[table] && !slices.Contains(sqlstore.ErasedTables(), table) {
				t.Errorf("%s is forgotten when an account is erased", table)
			}
		}
		a, err := u.Store.ByID(t.Context(), u.anna)
		if err != nil || a.Status != account.Erased || a.GivenName+a.FamilyName+a.Email != "" || strings.Contains(a.EmailKey, "@") {
			t.Errorf("%+v %v", a, err)
		}
		if n := count(t, db, "outbox WHERE kind = 'account_event'"); n != before+1 {
			t.Errorf("%d events", n-before)
		}
		if err := u.Store.Erase(t.Context(), u.Clock.Now(), u.anna, audit.AccountErased(u.anna)); !errors.Is(err, account.ErrUnknown) {
			t.Errorf("twice: %v", err)
		}
		if err := u.Store.SetStatus(t.Context(), u.Clock.Now(), u.anna, account.Active, audit.AccountEnabled(u.anna)); !errors.Is(err, account.ErrUnknown) {
			t.Errorf("an erased account was opened: %v", err)
		}
		again := u.Person(t, "Anna", "anna@example.org") // the address is free again
		if again.ID == u.anna {
			t.Error("somebody got the erased id")
		}
	}, sqlstore.Migrations())
}

func TestClosingAndOpeningAnAccount(t *testing.T) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) {
		w := accounttest.On(t, db)
		anna := w.Anna(t).ID
		if err := w.Store.SetStatus(t.Context(), w.Clock.Now(), anna, account.Disabled, audit.AccountDisabled(anna)); err != nil {
			t.Fatal(err)
		}
		if a, _ := w.Store.ByID(t.Context(), anna); a.Usable() || count(t, db, "outbox WHERE kind = 'account_event'") != 1 {
			t.Errorf("%+v", a)
		}
		if err := w.Store.SetStatus(t.Context(), w.Clock.Now(), anna, account.Active, audit.AccountEnabled(anna)); err != nil {
			t.Fatal(err)
		}
		if a, _ := w.Store.ByID(t.Context(), anna); !a.Usable() || count(t, db, "outbox WHERE kind = 'account_event'") != 1 {
			t.Errorf("%+v", a)
		}
	}, sqlstore.Migrations())
}
