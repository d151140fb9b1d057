package storetest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/sqldb"
)

// resets counts what the store tells of lost factors, and can refuse.
type resets struct {
	n    atomic.Int64
	fail error
}

func (r *resets) FactorsReset(context.Context, sqldb.Querier, time.Time, ident.AccountID) error {
	r.n.Add(1)
	return r.fail
}

func devices(t *testing.T, f func(t *testing.T, db *sqldb.DB, d *sqlstore.Devices, r *resets)) {
	each(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Store) {
		create(t, s, someone("n00anna", "anna@example.org"))
		r := &resets{}
		f(t, db, sqlstore.NewDevices(s, r), r)
	})
}

func device(t *testing.T, id string, added time.Time) phone.Device {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := private.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	enc := base64.RawURLEncoding.EncodeToString
	key, err := phone.ParseKey([]byte(`{"kty":"EC","crv":"P-256","x":"` + enc(point[1:33]) + `","y":"` + enc(point[33:]) + `"}`))
	if err != nil {
		t.Fatal(err)
	}
	return phone.Device{
		ID: id, Account: "n00anna", Name: "Jörgs Handy", Number: "+32123456789", System: "Android", Key: key,
		PINHash: "hash", Status: phone.Active, AddedAt: added,
	}
}

var rec = phone.Record{
	At: at, Events: []audit.Event{audit.DeviceAdded("n00anna", "d", "k")},
	Notices: []notify.Message{notify.FactorAdded(notify.Person{Email: "a@b.eu", Lang: "en"}, "app_pin", "d", at, "/", "/undo/x")},
}

func TestDevices(t *testing.T) {
	devices(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Devices, _ *resets) {
		young, old := device(t, "d-young", at.Add(time.Hour)), device(t, "d-old", at)
		for _, d := range []phone.Device{young, old} {
			if err := s.Activate(t.Context(), d, rec); err != nil {
				t.Fatal(err)
			}
		}
		all, err := s.Devices(t.Context(), "n00anna")
		if err != nil || len(all) != 2 || all[0].ID != "d-old" {
			t.Fatalf("devices %v, %v", all, err)
		}
		got := all[0]
		if got.Key.JWK() != old.Key.JWK() || got.Name != old.Name || got.Number != old.Number || !got.AddedAt.Equal(at) ||
			!got.LastUsedAt.IsZero() || got.Status != phone.Active || got.PINHash != "hash" {
			t.Errorf("came back as %+v", got)
		}
		if p, err := s.Person(t.Context(), "n00anna"); err != nil || p.Name != "Jörg O'Neill" || p.Lang != "de" {
			t.Errorf("person %+v, %v", p, err)
		}
		if _, err := s.Device(t.Context(), "none"); !errors.Is(err, phone.ErrDeviceUnknown) {
			t.Errorf("unknown device: %v", err)
		}
		sameKey, sameID := device(t, "d-new", at), device(t, "d-old", at)
		sameKey.Key = old.Key
		for name, d := range map[string]phone.Device{"same key": sameKey, "same id": sameID} {
			if err := s.Activate(t.Context(), d, rec); !errors.Is(err, phone.ErrDeviceExists) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if count(t, db, "audit_events") != 2 || count(t, db, "outbox") != 2 {
			t.Error("a refused device left a record")
		}
	})
}

func TestRemovingDevices(t *testing.T) {
	devices(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Devices, r *resets) {
		for _, id := range []string{"one", "two"} {
			if err := s.Activate(t.Context(), device(t, id, at), rec); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Remove(t.Context(), "n00bert", "one", rec); !errors.Is(err, phone.ErrDeviceUnknown) {
			t.Errorf("another account's: %v", err)
		}
		if err := s.Remove(t.Context(), "n00anna", "one", rec); err != nil || r.n.Load() != 0 {
			t.Errorf("%v, %d resets", err, r.n.Load())
		}
		r.fail = errors.New("no")
		if err := s.Remove(t.Context(), "n00anna", "two", rec); err == nil {
			t.Error("the last device went without its event")
		}
		if count(t, db, "devices WHERE removed_at = 0") != 1 || count(t, db, "audit_events") != 3 {
			t.Error("half a removal")
		}
		r.fail = nil
		if err := s.Remove(t.Context(), "n00anna", "two", rec); err != nil || r.n.Load() != 2 {
			t.Errorf("%v, %d resets", err, r.n.Load())
		}
	})
}

func TestTwoWhoTakeTheLastTwoDevicesAtOnceTellOfIt(t *testing.T) {
	devices(t, func(t *testing.T, _ *sqldb.DB, s *sqlstore.Devices, r *resets) {
		for round := range 10 {
			ids := []string{"a" + string(rune('0'+round)), "b" + string(rune('0'+round))}
			for _, id := range ids {
				if err := s.Activate(t.Context(), device(t, id, at), rec); err != nil {
					t.Fatal(err)
				}
			}
			var both sync.WaitGroup
			for _, id := range ids {
				both.Go(func() {
					if err := s.Remove(t.Context(), "n00anna", id, rec); err != nil {
						t.Error(err)
					}
				})
			}
			both.Wait()
			if got := r.n.Load(); got < int64(round+1) {
				t.Fatalf("%d resets after round %d", got, round+1)
			}
		}
	})
}

func TestPINTries(t *testing.T) {
	devices(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Devices, r *resets) {
		if err := s.Activate(t.Context(), device(t, "one", at), rec); err != nil {
			t.Fatal(err)
		}
		var got [12]atomic.Int64
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				n, err := s.ReservePIN(t.Context(), "one", 10)
				if err != nil || n > 10 {
					t.Errorf("%d, %v", n, err)
					return
				}
				got[n].Add(1)
			})
		}
		all.Wait()
		for n := 1; n <= 10; n++ {
			if got[n].Load() != 1 {
				t.Errorf("try %d was given %d times", n, got[n].Load())
			}
		}
		if got[0].Load() != 40 {
			t.Errorf("%d were refused", got[0].Load())
		}
		pins(t, s, r, db)
	})
}

// pins goes on from a device with ten tries taken.
func pins(t *testing.T, s *sqlstore.Devices, r *resets, db *sqldb.DB) {
	t.Helper()
	if err := s.SettlePIN(t.Context(), "one", false, at); err != nil {
		t.Fatal(err)
	}
	if n, _ := s.ReservePIN(t.Context(), "one", 10); n != 10 {
		t.Errorf("after one was given back: %d", n)
	}
	if err := s.SettlePIN(t.Context(), "one", true, at.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	d, err := s.Device(t.Context(), "one")
	if err != nil || d.PINFailures != 0 || !d.LastUsedAt.Equal(at.Add(time.Minute)) {
		t.Errorf("after a right PIN: %+v, %v", d, err)
	}
	if did, err := s.Disable(t.Context(), "one", rec); !did || err != nil || r.n.Load() != 1 {
		t.Errorf("disable: %v %v, %d resets", did, err, r.n.Load())
	}
	if did, err := s.Disable(t.Context(), "one", rec); did || err != nil || count(t, db, "audit_events") != 2 {
		t.Errorf("disable again: %v %v", did, err)
	}
	if n, err := s.ReservePIN(t.Context(), "one", 10); n != 0 || err != nil {
		t.Errorf("a disabled device has tries: %d, %v", n, err)
	}
	if err := s.Remove(t.Context(), "n00anna", "one", rec); err != nil || r.n.Load() != 1 {
		t.Errorf("removing a disabled device: %v, %d resets", err, r.n.Load())
	}
}
