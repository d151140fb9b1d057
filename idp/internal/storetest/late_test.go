package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/grant"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	"eulogin.example/idp/internal/signout"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/kv"
	"eulogin.example/proto/kit/sqldb"
)

// late are codes for access while away that wait to be redeemed, all of one session of Anna.
type late struct {
	*accounttest.World
	t        *testing.T
	sess     session.Session
	sessions *session.Service
	grants   *grant.Service
	ender    *signout.Service
	codes    []string
}

func newLate(t *testing.T, db *sqldb.DB, store kv.Store) *late {
	t.Helper()
	clock := accounttest.NewClock()
	l := &late{World: accounttest.With(t, db, store, clock), t: t, sessions: session.New(store, clock.Now, rand.Reader)}
	l.grants = &grant.Service{KV: store, Families: l.Store, Now: clock.Now, Random: rand.Reader}
	l.ender = &signout.Service{Sessions: l.sessions, Store: l.Store, Now: clock.Now, Listens: func(string) bool { return true }, Kick: func() {}}
	anna := l.Anna(t)
	var err error
	_, l.sess, err = l.sessions.Start(t.Context(), anna.ID, []policy.Proof{{Method: policy.Password, At: clock.Now()}}, session.Meta{})
	must(t, err)
	must(t, l.sessions.AddClient(t.Context(), l.sess.ID, "rp"))
	l.sess.Clients = []string{"rp"}
	a := grant.Approval{Client: "rp", Account: anna.ID, SID: l.sess.ID, Scopes: []string{"openid", "offline_access"}, At: clock.Now()}
	for range 100 {
		code, err := l.grants.IssueCode(t.Context(), grant.Code{Approval: a})
		must(t, err)
		l.codes = append(l.codes, code)
	}
	clock.Pass(time.Second)
	return l
}

// redeem gives the refresh token of a code.
func (l *late) redeem(ctx context.Context, code string) (string, error) {
	c, err := l.grants.RedeemCode(ctx, code, kv.Mark{})
	if err != nil {
		return "", err
	}
	p, err := l.grants.Prepare(ctx, code, c, c.Approval, grant.Lives{Access: time.Minute, Refresh: time.Hour})
	if err != nil {
		return "", err
	}
	return p.Refresh, l.grants.Exchange(ctx, p, func(ctx context.Context, m kv.Mark) error {
		err := l.sessions.Holds(ctx, m, c.SID, c.At, c.Client)
		if errors.Is(err, session.ErrNone) {
			return grant.ErrInvalid.Because(err)
		}
		return err
	})
}

// Of a hundred codes that are redeemed while the person signs out, none that comes after the sign-out begins a refresh
// family: whether it is out of the one service, out of the session, or of everything because of a new password. After the
// last of these nothing lives that came before it either, however close.
func TestAHundredRedeemersAgainstASignOut(t *testing.T) {
	for name, end := range map[string]func(context.Context, *late) error{
		"one service":  func(ctx context.Context, l *late) error { return l.ender.EndService(ctx, l.sess, "rp") },
		"the session":  func(ctx context.Context, l *late) error { return l.ender.EndSession(ctx, l.sess, "own") },
		"all is ended": func(ctx context.Context, l *late) error { return l.ender.EndAll(ctx, l.sess.Account) },
	} {
		t.Run(name, func(t *testing.T) {
			backendtest.Each(t, func(t *testing.T, db *sqldb.DB, store kv.Store) {
				l := newLate(t, db, store)
				var over atomic.Bool
				var given, after atomic.Int64
				var wg sync.WaitGroup
				for i, code := range l.codes {
					wg.Go(func() {
						if i == 50 {
							if err := end(context.Background(), l); err != nil {
								t.Error(err)
							}
							over.Store(true)
						}
						late := over.Load()
						_, err := l.redeem(context.Background(), code)
						switch {
						case err == nil && late:
							t.Error("a code began a family after the sign-out")
						case err == nil:
							given.Add(1)
						case !errors.Is(err, grant.ErrInvalid):
							t.Error(err)
						case late:
							after.Add(1)
						}
					})
				}
				wg.Wait()
				want := given.Load()
				if name == "all is ended" {
					want = 0
				}
				if n := count(t, db, "refresh_families WHERE revoked_at = 0"); int64(n) != want || after.Load() == 0 {
					t.Errorf("%d families live, %d were given, %d came after", n, given.Load(), after.Load())
				}
			}, sqlstore.Migrations())
		})
	}
}
