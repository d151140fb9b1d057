package app

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/sqldb"
)

func TestGroupsByCommand(t *testing.T) {
	d := newDesk(t)
	db, err := sqldb.Open(t.Context(), d.c.Database)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	store := sqlstore.New(db)
	if err := store.Create(t.Context(), account.Account{ID: "n00annaaaaa", Email: "anna@example.org", EmailKey: "anna@example.org", Status: account.Active, CreatedAt: time.Now()}, "x", nil, nil); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ args, want string }{
		{"group join anna@example.org staff board", "account n00annaaaaa: board staff"},
		{"group join n00annaaaaa staff", "account n00annaaaaa: board staff"},
		{"group leave anna@example.org board none", "account n00annaaaaa: staff"},
		{"group of anna@example.org", "staff"},
		{"group members staff board", "staff n00annaaaaa anna@example.org"},
		{"group join anna@example.org a,b", "!1 to 64 letters"},
		{"group join nobody@example.org staff", "!account.unknown"},
		{"group join anna@example.org", "!join or leave"},
		{"group of anna@example.org staff", "!join or leave"},
		{"group give anna@example.org staff", "!join or leave"},
		{"group", "!group and its verbs"},
	} {
		var out bytes.Buffer
		err := Account(t.Context(), d.c, strings.Fields(tt.args), &out)
		got := strings.TrimSpace(out.String())
		if part, fails := strings.CutPrefix(tt.want, "!"); fails {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %v", tt.args, err)
			}
		} else if err != nil || got != tt.want {
			t.Errorf("%s: %q %v", tt.args, got, err)
		}
	}
	var n int
	if err := db.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM audit_events WHERE subject = 'n00annaaaaa' AND action = 'account.groups_changed'`).Scan(&n); err != nil || n != 3 {
		t.Errorf("%d changes are on record: %v", n, err)
	}
}
