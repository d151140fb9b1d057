package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"path"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/journal"
	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/factor/sms"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/sqldb"
)

// ended counts how often everything of an account was ended.
type ended struct {
	n   atomic.Int64
	err error
}

func (e *ended) EndAll(context.Context, ident.AccountID) error { e.n.Add(1); return e.err }

// undone is account care on real stores, with Anna's phone in it.
type undone struct {
	*accounttest.World
	journal.Undo
	devices *sqlstore.Devices
	ended   *ended
	anna    ident.AccountID
	device  phone.Device
}

func newUndone(t *testing.T, db *sqldb.DB) *undone {
	w := accounttest.On(t, db)
	u := &undone{World: w, devices: sqlstore.NewDevices(w.Store, w.Store), ended: &ended{}, anna: w.Anna(t).ID}
	u.Undo = journal.Undo{
		Journal: w.Journal.(journal.Journal), Changes: w.Store, Ender: u.ended,
		Keepers: map[policy.Method]factor.Keeper{policy.AppPIN: phone.Keeper{Store: u.devices}, policy.SMS: w.Numbers},
	}
	u.device = u.phone(t)
	return u
}

// phone makes a device of Anna's.
func (u *undone) phone(t *testing.T) phone.Device {
	d := device(t, ident.NewID(rand.Reader), u.Clock.Now())
	d.Account = u.anna
	return d
}

// add adds the phone and gives the token of the link in the mail.
func (u *undone) add(t *testing.T) string {
	t.Helper()
	rec, err := u.Added(t.Context(), u.anna, u.device.Factor())
	if err != nil {
		t.Fatal(err)
	}
	if err := u.devices.Activate(t.Context(), u.device, rec); err != nil {
		t.Fatal(err)
	}
	return token(t, rec)
}

func (u *undone) remove(t *testing.T) string {
	t.Helper()
	rec, err := u.Removed(t.Context(), u.anna, u.device.Factor())
	if err != nil {
		t.Fatal(err)
	}
	if err := u.devices.Remove(t.Context(), u.anna, u.device.ID, rec); err != nil {
		t.Fatal(err)
	}
	return token(t, rec)
}

func token(t *testing.T, rec factor.Record) string {
	t.Helper()
	if len(rec.Notices) != 1 || len(rec.Changes) != 1 {
		t.Fatalf("%+v", rec)
	}
	return path.Base(rec.Notices[0].Data["other_url"])
}

func (u *undone) has(t *testing.T) bool {
	t.Helper()
	all, err := u.devices.Devices(t.Context(), u.anna)
	if err != nil {
		t.Fatal(err)
	}
	return len(all) == 1
}

func TestAnAddedFactorGoesAndARemovedOneComesBack(t *testing.T) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) {
		u := newUndone(t, db)
		link := u.add(t)
		for range 3 { // looking changes nothing
			if c, err := u.Look(t.Context(), link); err != nil || c.Action != factor.Added || !u.has(t) {
				t.Fatalf("%+v %v", c, err)
			}
		}
		if _, err := u.Do(t.Context(), link); err != nil || u.has(t) || u.ended.n.Load() != 1 {
			t.Fatalf("undoing: %v, there %v, ended %d times", err, u.has(t), u.ended.n.Load())
		}
		if _, err := u.Do(t.Context(), link); !errors.Is(err, journal.ErrUndone) || u.ended.n.Load() != 1 {
			t.Errorf("twice: %v", err)
		}
		u.device = u.phone(t)
		u.add(t)
		gone := u.remove(t)
		if u.has(t) {
			t.Fatal("it is there still")
		}
		u.Clock.Pass(factor.KeptFor - time.Minute)
		if _, err := u.Do(t.Context(), gone); err != nil || !u.has(t) {
			t.Errorf("bringing back: %v", err)
		}
	}, sqlstore.Migrations())
}

func TestLinksToUndoEnd(t *testing.T) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) {
		u := newUndone(t, db)
		added := u.add(t)
		removed := u.remove(t)
		if _, err := u.Do(t.Context(), added); !errors.Is(err, journal.ErrMoot) {
			t.Errorf("it was removed meanwhile: %v", err)
		}
		u.Clock.Pass(factor.KeptFor + time.Second)
		if _, err := u.Do(t.Context(), removed); !errors.Is(err, journal.ErrLink) || u.has(t) {
			t.Errorf("on day eight: %v", err)
		}
		for name, forged := range map[string]string{"short": "x", "another": ident.NewToken(rand.Reader), "the digest": ident.Digest(removed), "more": removed + "A"} {
			if _, err := u.Do(t.Context(), forged); !errors.Is(err, journal.ErrLink) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}, sqlstore.Migrations())
}

// Sessions end first: when that fails, nothing is used up.
func TestAFailedUndoCanBeRepeated(t *testing.T) {
	u := newUndone(t, backendtest.SQLite(t, sqlstore.Migrations()))
	link := u.add(t)
	u.ended.err = errors.New("down")
	if _, err := u.Do(t.Context(), link); err == nil || !u.has(t) {
		t.Fatalf("%v", err)
	}
	u.ended.err = nil
	if _, err := u.Do(t.Context(), link); err != nil || u.has(t) {
		t.Fatalf("%v", err)
	}
}

func TestOfAHundredWhoUndoOneDoes(t *testing.T) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) {
		u := newUndone(t, db)
		u.add(t)
		link := u.remove(t)
		var won atomic.Int64
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				switch _, err := u.Do(t.Context(), link); {
				case err == nil:
					won.Add(1)
				case !errors.Is(err, journal.ErrUndone) && !errors.Is(err, journal.ErrMoot):
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 || !u.has(t) {
			t.Errorf("%d won", won.Load())
		}
	}, sqlstore.Migrations())
}

// Who had the address until lately hears of changes too.
func TestFormerAddressesHearOfChanges(t *testing.T) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) {
		u := newUndone(t, db)
		_, err := db.ExecContext(t.Context(), `INSERT INTO email_changes (id, account_id, at, old_email, old_key, new_email, digest, undone_at) VALUES ('e1', $1, $2, 'former@example.org', 'former@example.org', 'anna@example.org', 'd', 0)`,
			string(u.anna), sqldb.Micros(u.Clock.Now()))
		if err != nil {
			t.Fatal(err)
		}
		to := func() (out []string) {
			rec, err := u.Added(t.Context(), u.anna, factor.Factor{Method: policy.SMS, ID: "n", Name: sms.Number("+32470123456").Masked()})
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range rec.Notices {
				out = append(out, n.To)
			}
			return out
		}
		if got := to(); len(got) != 2 {
			t.Errorf("%v", got)
		}
		u.Clock.Pass(factor.KeptFor + time.Second)
		if got := to(); len(got) != 1 || got[0] != "anna@example.org" {
			t.Errorf("a week later: %v", got)
		}
	}, sqlstore.Migrations())
}
