package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/claims"
	"eulogin.example/idp/internal/consent"
	"eulogin.example/idp/internal/grant"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/kv"
	"eulogin.example/proto/kit/sqldb"
)

// ledger is one person's ledger on real stores.
type ledger struct {
	*accounttest.World
	consents *consent.Service
	anna     account.Account
	sessions *session.Service
}

func keep(t *testing.T, db *sqldb.DB, store kv.Store) *ledger {
	w := accounttest.With(t, db, store, accounttest.NewClock())
	sessions := session.New(store, w.Clock.Now, rand.Reader)
	return &ledger{World: w, anna: w.Anna(t), sessions: sessions, consents: &consent.Service{
		Store: w.Store, Accounts: w.Store, Sessions: sessions, Name: func(id string) string { return "Service " + id }, Listens: func(string) bool { return true }, Kick: func() {},
		PageURL: accounttest.Issuer + "/account/services", Now: w.Clock.Now,
	}}
}

// asks is a release of these scopes.
func asks(scopes ...string) consent.Release {
	return consent.Release{Items: consent.Items(scopes, claims.Asked{})}
}

func (l *ledger) tell(t *testing.T, r consent.Release, a *consent.Agreement, fresh bool) consent.Told {
	t.Helper()
	told, err := l.consents.Tell(t.Context(), l.anna, "rp", r, a, fresh)
	must(t, err)
	return told
}

func (l *ledger) entry(t *testing.T, claim string) consent.Entry {
	t.Helper()
	have, err := l.consents.Standing(t.Context(), l.anna.ID, "rp")
	must(t, err)
	return have[claim]
}

func TestTheLedgerSaysWhoAgreedToWhatAndWhen(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, db *sqldb.DB, store kv.Store) {
		l := keep(t, db, store)
		r, start := asks("email", "offline_access"), l.Clock.Now()
		l.tell(t, r, nil, true)
		e := l.entry(t, "email")
		if e.Page != consent.ByOperator || !e.Given() || e.AgreedAt.Sub(start).Abs() > time.Microsecond || e.ToldAt != start.UTC().Truncate(24*time.Hour) {
			t.Errorf("by operators: %+v", e)
		}
		l.Clock.Pass(50 * time.Hour)
		l.tell(t, r, nil, false)
		if again := l.entry(t, "email"); again != e {
			t.Errorf("without a fresh sign-in nothing is written: %+v", again)
		}
		l.tell(t, r, nil, true)
		if again := l.entry(t, "email"); again.AgreedAt != e.AgreedAt || again.ToldAt.Sub(e.ToldAt) < 48*time.Hour {
			t.Errorf("told again: %+v", again)
		}
		always := r
		always.Always = true
		if _, err := l.consents.Tell(t.Context(), l.anna, "rp", always, nil, true); !errors.Is(err, consent.ErrAsk) {
			t.Errorf("the service wants the person to be asked: %v", err)
		}
		told := l.tell(t, always, always.Agree(l.Clock.Now(), []string{"email"}), true)
		if e := l.entry(t, "email"); e.Page != consent.ByPage || !slices.Equal(told.Withheld, []string{consent.Offline}) || l.entry(t, consent.Offline).EndedFor != consent.Declined {
			t.Errorf("by the page: %+v %+v", told, e)
		}
		l.anna.WarnRelease = true
		if _, err := l.consents.Tell(t.Context(), l.anna, "rp", r, nil, true); !errors.Is(err, consent.ErrWarn) {
			t.Errorf("the person wants to be asked: %v", err)
		}
		if told, err := l.consents.LetIn(t.Context(), l.anna.ID, "tv", r); err != nil || len(told.Withheld) != 0 {
			t.Errorf("a device: %+v %v", told, err)
		}
		all, err := l.consents.Services(t.Context(), l.anna.ID)
		if err != nil || len(all) != 2 || all[0].Client != "rp" || len(all[0].Entries) != 3 || all[1].Entries[0].Page != consent.ByDevice {
			t.Errorf("%+v %v", all, err)
		}
		if other, err := l.consents.Services(t.Context(), "n00somebody"); err != nil || len(other) != 0 {
			t.Errorf("somebody else's: %+v %v", other, err)
		}
		must(t, l.Store.Erase(t.Context(), l.Clock.Now(), l.anna.ID, audit.AccountErased(l.anna.ID)))
		if all, err := l.consents.Services(t.Context(), l.anna.ID); err != nil || len(all) != 0 {
			t.Errorf("after an erasure: %+v %v", all, err)
		}
	}, sqlstore.Migrations())
}

func TestStoppingAndWithdrawing(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, db *sqldb.DB, store kv.Store) {
		l := keep(t, db, store)
		ctx := t.Context()
		_, sess, err := l.sessions.Start(ctx, l.anna.ID, []policy.Proof{{Method: policy.Password, At: l.Clock.Now()}}, session.Meta{})
		must(t, err)
		must(t, l.sessions.AddClient(ctx, sess.ID, "rp"))
		r := asks("email", "profile", "offline_access")
		told := l.tell(t, r, nil, true)
		for _, id := range []string{"f1", "f2"} {
			f := family(id, sess.ID)
			f.Account, f.At = l.anna.ID, told.At
			must(t, l.Store.AddFamily(ctx, l.Clock.Now(), f))
		}
		l.Clock.Pass(time.Minute)
		must(t, l.consents.Stop(ctx, l.anna.ID, "rp", "email"))
		if m := l.Last(t); m.Kind != notify.ConsentWasStopped || !lives(t, l.Store, "f1") {
			t.Errorf("%+v", m)
		}
		for name, err := range map[string]error{
			"stopped": l.consents.Stop(ctx, l.anna.ID, "rp", "email"), "the identity": l.consents.Stop(ctx, l.anna.ID, "rp", consent.Identity), "nothing": l.consents.Stop(ctx, l.anna.ID, "rp", "phone_number"),
			"another service": l.consents.Stop(ctx, l.anna.ID, "other", "email"), "nothing to withdraw": l.consents.Withdraw(ctx, l.anna.ID, "other"),
		} {
			if !errors.Is(err, consent.ErrNone) {
				t.Errorf("%s: %v", name, err)
			}
		}
		must(t, l.consents.Stop(ctx, l.anna.ID, "rp", consent.Offline))
		if lives(t, l.Store, "f1") || lives(t, l.Store, "f2") {
			t.Error("a refresh family outlived offline access")
		}
		l.Clock.Pass(time.Minute)
		wins := &atomic.Int64{}
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if err := l.consents.Withdraw(ctx, l.anna.ID, "rp"); err == nil {
					wins.Add(1)
				} else if !errors.Is(err, consent.ErrNone) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if wins.Load() != 1 {
			t.Errorf("%d of a hundred withdrew", wins.Load())
		}
		have, err := l.consents.Standing(ctx, l.anna.ID, "rp")
		must(t, err)
		if !have.Dead(told.At) || len(have.Withheld()) != len(have) || have["email"].EndedFor != consent.Stopped || have["name"].EndedFor != consent.Withdrawn {
			t.Errorf("%+v", have)
		}
		if now, err := l.sessions.ByID(ctx, sess.ID); err != nil || len(now.Clients) != 0 || !now.LeftSince("rp", told.At) || now.LeftSince("rp", l.Clock.Now().Add(time.Second)) {
			t.Errorf("%+v %v", now, err)
		}
		var logouts int
		must(t, db.QueryRowContext(ctx, `SELECT COUNT(*) FROM outbox WHERE kind = 'backchannel_logout'`).Scan(&logouts))
		if logouts != 1 {
			t.Errorf("%d logout tokens", logouts)
		}
	}, sqlstore.Migrations())
}

// What was left out or stopped stays so when a device is let in; after a withdrawal the page asks about all of it, and
// what is left out there is not asked about again.
func TestWhatIsDecidedAnew(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, db *sqldb.DB, store kv.Store) {
		l := keep(t, db, store)
		ctx, r := t.Context(), asks("email", "phone")
		l.tell(t, r, nil, true)
		l.Clock.Pass(time.Minute)
		must(t, l.consents.Stop(ctx, l.anna.ID, "rp", "email"))
		l.Clock.Pass(time.Minute)
		if told, err := l.consents.LetIn(ctx, l.anna.ID, "rp", r); err != nil || !slices.Equal(told.Withheld, []string{"email"}) {
			t.Errorf("a device: %+v %v", told, err)
		}
		must(t, l.consents.Withdraw(ctx, l.anna.ID, "rp"))
		l.Clock.Pass(time.Minute)
		told := l.tell(t, r, r.Agree(l.Clock.Now(), []string{"email"}), true)
		if !slices.Equal(told.Withheld, []string{"phone_number"}) {
			t.Errorf("agreed to again: %+v", told)
		}
		if again := l.tell(t, r, nil, true); !slices.Equal(again.Withheld, told.Withheld) {
			t.Errorf("without the page: %+v", again)
		}
		must(t, l.consents.Withdraw(ctx, l.anna.ID, "rp"))
		l.Clock.Pass(time.Minute)
		if told, err := l.consents.LetIn(ctx, l.anna.ID, "rp", r); err != nil || !slices.Equal(told.Withheld, []string{"phone_number"}) {
			t.Errorf("a device after a withdrawal: %+v %v", told, err)
		}
	}, sqlstore.Migrations())
}

// What a person takes back before a clock that is behind the one of the agreement is taken back.
func TestTakingBackBeforeAClockThatIsBehind(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, db *sqldb.DB, store kv.Store) {
		l := keep(t, db, store)
		r := asks("email", "profile")
		told := l.tell(t, r, nil, true)
		l.Clock.Pass(-2 * time.Second)
		must(t, l.consents.Stop(t.Context(), l.anna.ID, "rp", "email"))
		if e := l.entry(t, "email"); e.Given() {
			t.Errorf("stopped: %+v", e)
		}
		l.tell(t, r, r.Agree(l.Clock.Now().Add(3*time.Second), []string{"name"}), true)
		if e := l.entry(t, "given_name"); e.Given() {
			t.Errorf("left out: %+v", e)
		}
		must(t, l.consents.Withdraw(t.Context(), l.anna.ID, "rp"))
		have, err := l.consents.Standing(t.Context(), l.anna.ID, "rp")
		if must(t, err); !have.Dead(told.At) || len(have.Withheld()) != len(have) {
			t.Errorf("withdrawn: %+v", have)
		}
	}, sqlstore.Migrations())
}

// A hundred refreshes against a withdrawal: afterwards no family of the service lives, and none begins
// to.
func TestAHundredRotationsAgainstAWithdrawal(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, db *sqldb.DB, store kv.Store) {
		l := keep(t, db, store)
		ctx := t.Context()
		grants := &grant.Service{KV: store, Families: l.Store, Now: l.Clock.Now, Random: rand.Reader}
		told := l.tell(t, asks("offline_access"), nil, true)
		a := grant.Approval{Client: "rp", Account: l.anna.ID, SID: "s", Scopes: []string{"openid", "offline_access"}, At: told.At}
		var tokens []string
		for range 20 {
			code, err := grants.IssueCode(ctx, grant.Code{Approval: a})
			must(t, err)
			c, err := grants.RedeemCode(ctx, code, kv.Mark{})
			must(t, err)
			got, err := grants.Prepare(ctx, code, c, a, grant.Lives{Access: time.Minute, Refresh: time.Hour})
			must(t, err)
			must(t, grants.Exchange(ctx, got, func(ctx context.Context, m kv.Mark) error { return store.Swap(ctx, m.Key, nil, []byte(m.Val), m.Life) }))
			tokens = append(tokens, got.Refresh)
		}
		l.Clock.Pass(time.Second)
		var wg sync.WaitGroup
		var mu sync.Mutex
		var next []string
		for i := range 100 {
			wg.Go(func() {
				if i == 50 {
					if err := l.consents.Withdraw(ctx, l.anna.ID, "rp"); err != nil {
						t.Error(err)
					}
				}
				turn, err := grants.Present(ctx, tokens[i%20], "rp", true)
				if err != nil {
					return
				}
				if got, err := grants.Rotate(ctx, turn); err == nil {
					mu.Lock()
					next = append(next, got)
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		for _, token := range append(next, tokens...) {
			if _, err := grants.Present(ctx, token, "rp", true); !errors.Is(err, grant.ErrInvalid) {
				t.Fatalf("a refresh token lives: %v", err)
			}
		}
	}, sqlstore.Migrations())
}
