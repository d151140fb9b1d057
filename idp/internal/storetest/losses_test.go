package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/lostfactor"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/sqldb"
)

// shown is a prover of passwords whose proofs the test decides.
type shown struct{ u *losses }

func (shown) Begin(context.Context, string, string) (string, error) { return "/login", nil }

func (s shown) Proved(_ context.Context, proof, _ string) (ident.AccountID, time.Time, error) {
	return ident.AccountID(proof), s.u.Clock.Now(), nil
}

// losses is the way back on real stores, with Anna, who has a phone.
type losses struct {
	*undone
	lost *lostfactor.Service
}

func newLosses(t *testing.T, db *sqldb.DB) *losses {
	u := &losses{undone: newUndone(t, db)}
	u.lost = &lostfactor.Service{
		Store: u.Store, KV: u.KV, Tickets: u.Tickets, Accounts: u.Store, Numbers: u.Numbers, Recorder: u.Store, Limits: u.Limits,
		Keepers: factor.Keepers{policy.AppPIN: phone.Keeper{Store: u.devices}, policy.SMS: u.Numbers}, Journal: u.World.Journal.(lostfactor.Journal),
		Prover: shown{u}, Ender: u.ended, Delay: 0, Issuer: "https://login.test", Now: u.Clock.Now, Rand: rand.Reader,
	}
	u.add(t)
	return u
}

// opened is a browser in which Anna has shown her password.
func (u *losses) opened(t *testing.T) string {
	t.Helper()
	id, err := u.lost.Open(t.Context(), string(u.anna), "browser")
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// ask follows the whole way to a request, with no wait.
func (u *losses) ask(t *testing.T) lostfactor.Loss {
	t.Helper()
	if err := u.lost.Mail(t.Context(), u.opened(t), "browser"); err != nil {
		t.Fatal(err)
	}
	l, err := u.lost.Start(t.Context(), accounttest.Token(t, u.Last(t)), "browser")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (u *losses) guarded(t *testing.T) bool {
	t.Helper()
	a, err := u.Store.ByID(t.Context(), u.anna)
	if err != nil {
		t.Fatal(err)
	}
	return a.Guarded
}

func (u *losses) told(t *testing.T, kind notify.Kind) (n int) {
	t.Helper()
	for _, m := range u.Sent(t) {
		if m.Kind == kind {
			n++
		}
	}
	return n
}

// race runs one thing a hundred times at once and counts the successes; every other outcome
// must be the one given.
func race(t *testing.T, otherwise error, do func() error) int {
	t.Helper()
	var wins atomic.Int64
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			switch err := do(); {
			case err == nil:
				wins.Add(1)
			case !errors.Is(err, otherwise):
				t.Errorf("%v", err)
			}
		})
	}
	wg.Wait()
	return int(wins.Load())
}

func TestLostFactorsAreGivenUpOnce(t *testing.T) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) {
		u := newLosses(t, db)
		u.ask(t)
		id, resets := u.opened(t), count(t, db, "outbox WHERE kind = 'account_event'")
		if n := race(t, lostfactor.ErrOver, func() error { return u.lost.Confirm(t.Context(), id, "browser") }); n != 1 {
			t.Fatalf("%d confirmed", n)
		}
		if n := count(t, db, "outbox WHERE kind = 'account_event'"); n != resets+1 {
			t.Errorf("services were told %d times", n-resets)
		}
		if u.guarded(t) {
			t.Error("the account is still guarded")
		}
		if n := u.told(t, notify.LossWasDone); n != 1 {
			t.Errorf("%d mails", n)
		}
		if n := count(t, db, fmt.Sprintf("devices WHERE account_id = '%s' AND removed_at = 0", u.anna)); n != 0 {
			t.Error("the phone is still there")
		}
	}, sqlstore.Migrations())
}

func TestStoppingAndConfirmingNeverBothHappen(t *testing.T) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) {
		u := newLosses(t, db)
		u.ask(t)
		id := u.opened(t)
		var n atomic.Int64
		wins := race(t, lostfactor.ErrOver, func() error {
			if n.Add(1)%2 == 0 {
				return u.lost.Confirm(t.Context(), id, "browser")
			}
			err := u.lost.Withdraw(t.Context(), id, "browser")
			if errors.Is(err, lostfactor.ErrNone) {
				err = lostfactor.ErrOver
			}
			return err
		})
		if done, stopped := u.told(t, notify.LossWasDone), u.told(t, notify.LossWasStopped); wins != 1 || done+stopped != 1 {
			t.Errorf("%d won, %d confirmed, %d stopped", wins, done, stopped)
		}
		if done := u.told(t, notify.LossWasDone); u.guarded(t) == (done == 1) {
			t.Error("the account does not stand as it was said")
		}
	}, sqlstore.Migrations())
}

// The clock says once that the time has come, with two workers, and ends what nobody confirms.
func TestTheClockTellsOnceAndEndsWhatIsForgotten(t *testing.T) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) {
		u := newLosses(t, db)
		u.ask(t)
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				if err := u.lost.Tick(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		u.Clock.Pass(lostfactor.ConfirmWithin)
		if err := errors.Join(u.lost.Tick(t.Context()), u.lost.Tick(t.Context())); err != nil {
			t.Fatal(err)
		}
		if n := u.told(t, notify.LossIsDue); n != 1 {
			t.Errorf("told %d times", n)
		}
		if err := u.lost.Confirm(t.Context(), u.opened(t), "browser"); !errors.Is(err, lostfactor.ErrOver) {
			t.Errorf("confirmed a week too late: %v", err)
		}
		if n := count(t, db, "factor_losses WHERE state = 'expired'"); n != 1 || !u.guarded(t) {
			t.Errorf("%d expired", n)
		}
		u.ask(t) // it does not stand in the way of another
	}, sqlstore.Migrations())
}

// One request of a person waits at a time.
func TestOneRequestWaits(t *testing.T) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) {
		u := newLosses(t, db)
		l := lostfactor.Loss{Account: u.anna, AskedAt: u.Clock.Now(), DueAt: u.Clock.Now(), State: lostfactor.Waiting}
		n := race(t, lostfactor.ErrWaiting, func() error {
			l := l
			l.ID, l.Digest = ident.NewID(rand.Reader), ident.NewID(rand.Reader)
			return u.Store.AskLoss(t.Context(), l, factor.Record{At: l.AskedAt})
		})
		if n != 1 {
			t.Errorf("%d wait", n)
		}
	}, sqlstore.Migrations())
}

// removed removes a phone as somebody who did not show it.
func (u *undone) removed(t *testing.T, d phone.Device) string {
	t.Helper()
	u.device = d
	return u.remove(t)
}

// Only the owner, with the factor shown, makes an account bare; what comes back guards it again.
func TestAnAccountIsGuardedFromItsFirstFactorOn(t *testing.T) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) {
		u := newUndone(t, db)
		l := &losses{undone: u}
		if l.guarded(t) {
			t.Fatal("guarded without a factor")
		}
		first := u.add(t)
		if !l.guarded(t) {
			t.Fatal("the first factor does not guard it")
		}
		u.Clock.Pass(time.Minute)
		if _, err := u.Do(t.Context(), first); err != nil || l.guarded(t) {
			t.Fatalf("undoing the enrolment that guarded it does not bring back what was: %v", err)
		}
		u.device = u.phone(t)
		u.add(t)
		u.Clock.Pass(time.Minute)
		phone := u.device
		u.device = u.phone(t)
		second := u.add(t)
		first = u.removed(t, phone)
		if _, err := u.Do(t.Context(), second); err != nil || !l.guarded(t) {
			t.Fatalf("undoing a later enrolment bares an account that was guarded before: %v", err)
		}
		if _, err := u.Do(t.Context(), first); err != nil || !l.guarded(t) {
			t.Fatal(err)
		}
		u.device = phone
		link := u.remove(t)
		if !l.guarded(t) {
			t.Fatal("a removal without a second factor bares it")
		}
		if _, err := u.Do(t.Context(), link); err != nil {
			t.Fatal(err)
		}
		rec, err := u.Removed(t.Context(), u.anna, u.device.Factor())
		if err != nil {
			t.Fatal(err)
		}
		rec.Bares = true
		if err := u.devices.Remove(t.Context(), u.anna, u.device.ID, rec); err != nil || l.guarded(t) {
			t.Fatalf("its owner cannot do without: %v", err)
		}
		if _, err := u.Do(t.Context(), token(t, rec)); err != nil || !l.guarded(t) {
			t.Errorf("what came back does not guard it: %v", err)
		}
	}, sqlstore.Migrations())
}
