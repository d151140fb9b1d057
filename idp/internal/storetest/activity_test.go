package storetest

import (
	"crypto/rand"
	"errors"
	"fmt"
	"testing"
	"time"

	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/activity"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	"eulogin.example/idp/internal/signout"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/kv"
	"eulogin.example/proto/kit/sqldb"
)

// owned is one person's view of the own sign-ins, on real stores.
func owned(t *testing.T, db *sqldb.DB, store kv.Store) (*accounttest.World, *activity.Service, *session.Service) {
	w := accounttest.With(t, db, store, accounttest.NewClock())
	sessions := session.New(store, w.Clock.Now, rand.Reader)
	ender := &signout.Service{Sessions: sessions, Store: w.Store, Now: w.Clock.Now, Listens: func(string) bool { return true }, Kick: func() {}}
	return w, &activity.Service{
		Sessions: sessions, Ender: ender, History: w.Store, Accounts: w.Store, Recorder: w.Store, LostURL: accounttest.Issuer + "/password/lost", Now: w.Clock.Now,
	}, sessions
}

func TestPeopleSeeAndEndTheirOwnSignIns(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, db *sqldb.DB, store kv.Store) {
		w, own, sessions := owned(t, db, store)
		ctx, anna, bob := t.Context(), w.Anna(t), w.Person(t, "Bob", "bob@example.org")
		start := func(id ident.AccountID, browser string) session.Session {
			_, s, err := sessions.Start(ctx, id, []policy.Proof{{Method: policy.Password, At: w.Clock.Now()}}, session.Meta{Browser: browser, Address: "192.0.2.1"})
			if err != nil {
				t.Fatal(err)
			}
			w.Clock.Pass(time.Second)
			return s
		}
		mine, other, third, his := start(anna.ID, "Firefox"), start(anna.ID, "Chrome"), start(anna.ID, "Edge"), start(bob.ID, "Safari")
		living, err := own.Living(ctx, anna.ID, mine.ID)
		if err != nil || len(living) != 3 || living[2].Browser != "Firefox" || !living[2].Own || living[0].Own || living[0].Level != policy.Basic {
			t.Fatalf("%+v %v", living, err)
		}
		for name, sid := range map[string]string{"another person's": his.ID, "none": ident.NewID(rand.Reader), "no id": "x"} {
			if err := own.End(ctx, anna.ID, sid); !errors.Is(err, activity.ErrUnknown) {
				t.Errorf("%s: %v", name, err)
			}
		}
		must(t, sessions.AddClient(ctx, other.ID, "cpms"))
		must(t, sessions.AddClient(ctx, his.ID, "cpms"))
		for name, of := range map[string][2]string{"another person's": {his.ID, "cpms"}, "another service": {other.ID, "rp"}, "another session": {mine.ID, "cpms"}} {
			if err := own.EndService(ctx, anna.ID, of[0], of[1]); !errors.Is(err, activity.ErrUnknown) {
				t.Errorf("out of one service, %s: %v", name, err)
			}
		}
		must(t, own.EndService(ctx, anna.ID, other.ID, "cpms"))
		if s, err := sessions.ByID(ctx, other.ID); err != nil || len(s.Clients) != 0 || !s.LeftSince("cpms", w.Clock.Now().Add(-time.Second)) {
			t.Errorf("out of one service: %+v %v", s, err)
		}
		if err := own.End(ctx, anna.ID, other.ID); err != nil {
			t.Fatal(err)
		}
		if err := own.End(ctx, anna.ID, other.ID); !errors.Is(err, activity.ErrUnknown) {
			t.Errorf("twice: %v", err)
		}
		if living, _ = own.Living(ctx, anna.ID, mine.ID); len(living) != 2 {
			t.Errorf("%+v", living)
		}
		if err := own.EndOthers(ctx, anna.ID, mine.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := sessions.ByID(ctx, third.ID); !errors.Is(err, session.ErrNone) {
			t.Errorf("the third lives: %v", err)
		}
		if _, err := sessions.ByID(ctx, mine.ID); err != nil {
			t.Errorf("the own one ended: %v", err)
		}
		if _, err := sessions.ByID(ctx, his.ID); err != nil {
			t.Errorf("another person's ended: %v", err)
		}
	}, sqlstore.Migrations())
}

// The history comes in pages without gap or overlap, also where times are the same, and shows
// nobody another person's lines.
func TestHistoryInPages(t *testing.T) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) {
		w, own, _ := owned(t, db, kv.NewEmbedded(db, time.Now))
		ctx, anna, bob := t.Context(), w.Anna(t), w.Person(t, "Bob", "bob@example.org")
		lines := 2*activity.PageSize + 3
		for i := range lines {
			if i%4 == 0 {
				w.Clock.Pass(time.Second)
			}
			for _, who := range []ident.AccountID{anna.ID, bob.ID} {
				a := login.Attempt{ID: ident.NewID(rand.Reader), At: w.Clock.Now(), Account: who, Service: fmt.Sprint(i), Outcome: login.SignedIn}
				if err := w.Store.RecordAttempt(ctx, a, nil, nil); err != nil {
					t.Fatal(err)
				}
			}
		}
		seen, mark, pages := map[string]bool{}, "", 0
		for {
			page, next, err := own.Past(ctx, anna.ID, mark)
			if err != nil || len(page) > activity.PageSize {
				t.Fatalf("%d lines, %v", len(page), err)
			}
			for i, a := range page {
				if seen[a.ID] || a.Account != anna.ID || i > 0 && a.At.After(page[i-1].At) {
					t.Fatalf("line %+v", a)
				}
				seen[a.ID] = true
			}
			if pages++; next == "" {
				break
			}
			mark = next
		}
		if len(seen) != lines || pages != 3 {
			t.Fatalf("%d lines on %d pages", len(seen), pages)
		}
		for _, forged := range []string{"x", "1", "-5.aaaa", "99999999999999999999.x", mark + "'"} {
			if page, _, err := own.Past(ctx, anna.ID, forged); err != nil || len(page) != activity.PageSize {
				t.Errorf("%q: %d %v", forged, len(page), err)
			}
		}
		his, _, err := own.Past(ctx, bob.ID, "")
		if err != nil {
			t.Fatal(err)
		}
		if err := own.Disown(ctx, anna.ID, "", his[0].ID); !errors.Is(err, activity.ErrUnknown) {
			t.Errorf("another person's line: %v", err)
		}
		if err := own.Disown(ctx, bob.ID, "", his[0].ID); err != nil {
			t.Error(err)
		}
	}, sqlstore.Migrations())
}
