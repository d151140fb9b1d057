package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/webauthn"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/sqldb"
)

func keys(t *testing.T, f func(t *testing.T, db *sqldb.DB, k *sqlstore.Keys, r *resets)) {
	each(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Store) {
		create(t, s, someone("n00anna", "anna@example.org"))
		create(t, s, someone("n00bert", "bert@example.org"))
		r := &resets{}
		f(t, db, sqlstore.NewKeys(s, r), r)
	})
}

func key(id string) webauthn.Credential {
	return webauthn.Credential{
		ID: id, Account: "n00anna", Name: "Jörgs Schlüssel " + id, CredentialID: []byte("cred\x00\xff" + id), PublicKey: []byte{0xa5, 0, 1},
		AAGUID: make([]byte, 16), Transports: []string{"usb", "nfc"}, Attachment: "cross-platform", Verifies: true, Attested: true,
		Counter: 7, Status: webauthn.Active, AddedAt: at,
	}
}

var keyRec = factor.Record{
	At: at, Events: []audit.Event{audit.KeyDisabled("n00anna", "k")},
	Notices: []notify.Message{notify.KeyDisabled(notify.Person{Email: "a@b.eu", Lang: "en"}, "k", at, "/")},
}

func addKey(t *testing.T, s *sqlstore.Keys, c webauthn.Credential) {
	t.Helper()
	if err := s.Add(t.Context(), c, keyRec); err != nil {
		t.Fatal(err)
	}
}

func listed(t *testing.T, s *sqlstore.Keys, account ident.AccountID) (ids []string) {
	t.Helper()
	all, err := s.Credentials(t.Context(), account)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		ids = append(ids, c.ID)
	}
	return ids
}

func TestKeys(t *testing.T) {
	keys(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Keys, _ *resets) {
		want, young := key("old"), key("young")
		young.AddedAt, young.BackupEligible, young.BackedUp, young.Transports, young.Counter = at.Add(time.Hour), true, true, nil, 1<<32-1
		addKey(t, s, young)
		addKey(t, s, want)
		all, err := s.Credentials(t.Context(), "n00anna")
		if err != nil || len(all) != 2 || all[0].ID != "old" {
			t.Fatalf("%+v, %v", all, err)
		}
		if !reflect.DeepEqual(all[0], want) {
			t.Errorf("came back as %+v\nwant %+v", all[0], want)
		}
		if c, err := s.ByID(t.Context(), "young"); err != nil || c.Counter != 1<<32-1 || !c.BackedUp || len(c.Transports) != 0 {
			t.Errorf("%+v, %v", c, err)
		}
		if _, err := s.ByID(t.Context(), "none"); !errors.Is(err, factor.ErrUnknown) {
			t.Errorf("unknown key: %v", err)
		}
		stolen := key("other")
		stolen.Account, stolen.CredentialID = "n00bert", want.CredentialID
		if err := s.Add(t.Context(), stolen, keyRec); !errors.Is(err, webauthn.ErrKnown) {
			t.Errorf("a credential of Anna's, for Bert: %v", err)
		}
		if count(t, db, "audit_events") != 2 || count(t, db, "outbox") != 2 {
			t.Error("a refused key left a record")
		}
	})
}

func TestUserHandles(t *testing.T) {
	keys(t, func(t *testing.T, _ *sqldb.DB, s *sqlstore.Keys, _ *resets) {
		var all sync.WaitGroup
		var mu sync.Mutex
		seen := map[string]int{}
		for i := range 30 {
			all.Go(func() {
				h, err := s.Handle(t.Context(), "n00anna", []byte(fmt.Sprintf("handle %d", i)))
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				seen[string(h)]++
				mu.Unlock()
			})
		}
		all.Wait()
		if len(seen) != 1 {
			t.Fatalf("one account has %d handles", len(seen))
		}
		for h := range seen {
			if who, err := s.Owner(t.Context(), []byte(h)); who != "n00anna" || err != nil {
				t.Errorf("%s, %v", who, err)
			}
		}
		for _, h := range [][]byte{nil, {}, []byte("nobody")} {
			if who, err := s.Owner(t.Context(), h); who != "" || !errors.Is(err, factor.ErrUnknown) {
				t.Errorf("%q is %q, %v", h, who, err)
			}
		}
	})
}

func TestKeysAreRemovedForAWhile(t *testing.T) {
	keys(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Keys, r *resets) {
		addKey(t, s, key("one"))
		addKey(t, s, key("two"))
		if err := s.Remove(t.Context(), "n00bert", "one", keyRec); !errors.Is(err, factor.ErrUnknown) {
			t.Errorf("by another account: %v", err)
		}
		if err := s.Remove(t.Context(), "n00anna", "one", keyRec); err != nil || r.n.Load() != 0 {
			t.Errorf("%v, %d resets", err, r.n.Load())
		}
		if err := s.Remove(t.Context(), "n00anna", "one", keyRec); !errors.Is(err, factor.ErrUnknown) {
			t.Errorf("removed twice: %v", err)
		}
		if err := s.Remove(t.Context(), "n00anna", "two", keyRec); err != nil || r.n.Load() != 1 {
			t.Errorf("%v, %d resets", err, r.n.Load())
		}
		if got := listed(t, s, "n00anna"); len(got) != 0 {
			t.Errorf("still listed: %v", got)
		}
		if _, err := s.ByID(t.Context(), "one"); !errors.Is(err, factor.ErrUnknown) {
			t.Errorf("a removed key is read: %v", err)
		}
		if ok, err := s.Used(t.Context(), "one", webauthn.Use{At: at, Counter: 99}); ok || err != nil {
			t.Errorf("a removed key signs in: %v %v", ok, err)
		}
		for name, err := range map[string]error{
			"rename": s.Rename(t.Context(), "n00anna", "one", "x", keyRec), "issue": s.Issue(t.Context(), "one", keyRec),
			"restore by another": s.Restore(t.Context(), "n00bert", "one", keyRec),
		} {
			if !errors.Is(err, factor.ErrUnknown) {
				t.Errorf("%s: %v", name, err)
			}
		}
		restoring(t, db, s)
	})
}

// restoring goes on from two keys that were removed at the moment at.
func restoring(t *testing.T, db *sqldb.DB, s *sqlstore.Keys) {
	t.Helper()
	week, later := keyRec, keyRec
	week.At, later.At = at.Add(factor.KeptFor-time.Second), at.Add(factor.KeptFor)
	if err := s.Restore(t.Context(), "n00anna", "one", week); err != nil {
		t.Fatal(err)
	}
	if err := s.Restore(t.Context(), "n00anna", "one", week); !errors.Is(err, factor.ErrUnknown) {
		t.Errorf("a living one: %v", err)
	}
	if err := s.Restore(t.Context(), "n00anna", "two", later); !errors.Is(err, factor.ErrUnknown) {
		t.Errorf("after seven days: %v", err)
	}
	if got := listed(t, s, "n00anna"); len(got) != 1 || got[0] != "one" {
		t.Errorf("listed: %v", got)
	}
	if err := sqlstore.New(db).ForgetKeys(t.Context(), later.At); err != nil {
		t.Fatal(err)
	}
	if count(t, db, "webauthn_credentials") != 1 {
		t.Error("what was removed is kept for ever, or too much was forgotten")
	}
}

func TestAtMostTenKeys(t *testing.T) {
	keys(t, func(t *testing.T, _ *sqldb.DB, s *sqlstore.Keys, _ *resets) {
		var all sync.WaitGroup
		var added, full atomic.Int64
		for i := range 25 {
			all.Go(func() {
				switch err := s.Add(t.Context(), key(fmt.Sprintf("k%02d", i)), keyRec); {
				case err == nil:
					added.Add(1)
				case errors.Is(err, webauthn.ErrTooMany):
					full.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		if added.Load() != webauthn.MaxCredentials || full.Load() != 15 {
			t.Errorf("%d added, %d refused", added.Load(), full.Load())
		}
	})
}

func TestCountersOnlyRise(t *testing.T) {
	keys(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Keys, r *resets) {
		none := key("none")
		none.Counter = 0
		addKey(t, s, none)
		addKey(t, s, key("counting")) // at 7
		for _, c := range []struct {
			id      string
			counter uint32
			want    bool
		}{
			{"none", 0, true}, {"none", 0, true}, {"counting", 8, true}, {"counting", 8, false}, {"counting", 7, false},
			{"counting", 0, false}, {"counting", 20, true}, {"none", 1, true}, {"none", 0, false}, {"unknown", 9, false},
		} {
			if ok, err := s.Used(t.Context(), c.id, webauthn.Use{At: at.Add(time.Hour), Counter: c.counter, BackedUp: true}); ok != c.want || err != nil {
				t.Errorf("%s at %d: %v, %v", c.id, c.counter, ok, err)
			}
		}
		if c, _ := s.ByID(t.Context(), "counting"); c.Counter != 20 || !c.LastUsedAt.Equal(at.Add(time.Hour)) || !c.BackedUp {
			t.Errorf("%+v", c)
		}
		if did, err := s.Disable(t.Context(), "counting", keyRec); !did || err != nil || r.n.Load() != 0 {
			t.Errorf("%v %v, %d resets", did, err, r.n.Load())
		}
		if did, err := s.Disable(t.Context(), "counting", keyRec); did || err != nil || count(t, db, "audit_events") != 3 {
			t.Errorf("again: %v %v", did, err)
		}
		if ok, _ := s.Used(t.Context(), "counting", webauthn.Use{At: at, Counter: 99}); ok {
			t.Error("a disabled key signs in")
		}
		if _, err := s.Disable(t.Context(), "none", keyRec); err != nil || r.n.Load() != 1 {
			t.Errorf("the last one: %v, %d resets", err, r.n.Load())
		}
	})
}

// Of phones and keys the last one that goes is the last factor, whatever its kind.
func TestTheLastFactorOfAnyKindIsTold(t *testing.T) {
	each(t, func(t *testing.T, _ *sqldb.DB, s *sqlstore.Store) {
		create(t, s, someone("n00anna", "anna@example.org"))
		r := &resets{}
		phones, k := sqlstore.NewDevices(s, r), sqlstore.NewKeys(s, r)
		if err := phones.Activate(t.Context(), device(t, "phone", at), rec); err != nil {
			t.Fatal(err)
		}
		addKey(t, k, key("one"))
		if err := phones.Remove(t.Context(), "n00anna", "phone", rec); err != nil || r.n.Load() != 0 {
			t.Errorf("%v, %d resets while a key is left", err, r.n.Load())
		}
		if err := k.Remove(t.Context(), "n00anna", "one", keyRec); err != nil || r.n.Load() != 1 {
			t.Errorf("%v, %d resets", err, r.n.Load())
		}
	})
}
