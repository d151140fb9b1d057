package accounttest

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/url"
	"regexp"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/journal"
	"eulogin.example/idp/internal/factor/password"
	"eulogin.example/idp/internal/factor/sms"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/limit"
	"eulogin.example/idp/internal/mailproof"
	"eulogin.example/idp/internal/manage"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/recover"
	"eulogin.example/idp/internal/session"
	"eulogin.example/idp/internal/signup"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/kv"
	"eulogin.example/proto/kit/sqldb"
)

// Issuer is the address that links in mails start with.
const Issuer = "https://login.test"

// World is the account side with everything it stands on.
type World struct {
	Clock     *Clock
	DB        *sqldb.DB
	KV        kv.Store
	Store     *sqlstore.Store
	Numbers   *sqlstore.Numbers
	Journal   factor.Journal
	Limits    *limit.Limits
	Passwords *password.Service
	Signup    *signup.Service
	Recover   *recover.Service
	Manage    *manage.Service
	Factors   *Factors
	Ended     *Ended
	Proofs    *Proofs
	Tickets   *mailproof.Service
}

// New builds a world on SQLite.
func New(t testing.TB) *World {
	t.Helper()
	return On(t, backendtest.SQLite(t, sqlstore.Migrations()))
}

// On builds a world on a database; the expiring store is the embedded one.
func On(t testing.TB, db *sqldb.DB) *World {
	t.Helper()
	clock := NewClock()
	return With(t, db, kv.NewEmbedded(db, clock.Now), clock)
}

// With builds a world on given stores.
func With(t testing.TB, db *sqldb.DB, store kv.Store, clock *Clock) *World {
	t.Helper()
	w := &World{Clock: clock, DB: db, KV: store, Store: sqlstore.New(db), Factors: &Factors{}, Ended: &Ended{}, Proofs: &Proofs{}}
	w.Numbers = sqlstore.NewNumbers(w.Store, w.Store)
	w.Journal = journal.Journal{Accounts: w.Store, Addresses: w.Store, Issuer: Issuer, Now: clock.Now, Rand: rand.Reader}
	w.Limits = limit.New(store, clock.Now)
	w.Passwords = NewPasswords(t, w.Store, clock)
	tickets, err := mailproof.New(store, clock.Now, rand.Reader, 5*time.Minute)
	check(t, err)
	w.Signup, err = signup.New(signup.Config{
		Tickets: tickets, Accounts: w.Store, Recorder: w.Store, Passwords: w.Passwords, Limits: w.Limits,
		Issuer: Issuer, PrivacyVersion: "test", RefusedDomains: []string{"institution.example"}, Now: clock.Now, Rand: rand.Reader,
	})
	check(t, err)
	w.Tickets = tickets
	w.ProveBy(t, w.Proofs)
	w.Manage, err = manage.New(manage.Config{
		Accounts: w.Store, Numbers: w.Numbers, Challenges: sms.NewChallenges(store, clock.Now, rand.Reader),
		Passwords: w.Passwords, Recorder: w.Store, Limits: w.Limits, Factors: w.Factors, Keepers: factor.Keepers{policy.SMS: w.Numbers, policy.TOTP: w.Factors}, Journal: w.Journal, Ender: w.Ended,
		Issuer: Issuer, Now: clock.Now, Rand: rand.Reader,
	})
	check(t, err)
	return w
}

// ProveBy makes recovery ask this prover for the second factor.
func (w *World) ProveBy(t testing.TB, p recover.Prover) {
	t.Helper()
	var err error
	w.Recover, err = recover.New(recover.Config{
		Tickets: w.Tickets, Accounts: w.Store, Recorder: w.Store, Passwords: w.Passwords, Limits: w.Limits,
		Factors: w.Factors, Helpdesk: w.Factors, Prover: p, Ender: w.Ended, Issuer: Issuer, Now: w.Clock.Now,
	})
	check(t, err)
}

// Cheap are hash parameters that cost next to nothing.
func Cheap() password.Params { return password.Params{MemoryKiB: 8, Passes: 1, Lanes: 1} }

// NewPasswords makes the password service with the guide's rule and cheap hashes.
func NewPasswords(t testing.TB, store password.Store, clock *Clock) *password.Service {
	t.Helper()
	pool, err := password.NewPool(password.PoolConfig{
		Params: Cheap(), Workers: 4, Queue: 200, MaxWait: 10 * time.Second, Now: time.Now, Rand: rand.Reader,
	})
	check(t, err)
	rule, err := password.RuleOf("guide")
	check(t, err)
	s, err := password.New(context.Background(), password.Config{
		Store: store, Pool: pool, Rule: rule, Now: clock.Now, Rand: rand.Reader, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	check(t, err)
	return s
}

// Anna stores a ready account with the password Secret.
func (w *World) Anna(t testing.TB) account.Account {
	t.Helper()
	return w.Person(t, "Anna", "anna@example.org")
}

// Secret is the password of the accounts that Person makes.
const Secret = "Correct Horse 7"

// Person stores a ready account with the password Secret.
func (w *World) Person(t testing.TB, name, email string) account.Account {
	t.Helper()
	hash, err := w.Passwords.Hash(t.Context(), Secret, password.About{})
	check(t, err)
	key, err := ident.EmailKey(email)
	check(t, err)
	a := account.Account{
		ID: ident.NewAccountID(rand.Reader), GivenName: name, FamilyName: "Peeters", Email: email, EmailKey: key,
		MailLang: "en", Status: account.Active, Assurance: account.AssuranceSelfRegistered, PrivacyVersion: "test", CreatedAt: w.Clock.Now(),
	}
	check(t, w.Store.Create(t.Context(), a, hash, nil, nil))
	a, err = w.Store.ByID(t.Context(), a.ID)
	check(t, err)
	return a
}

// Sent reads every message written so far, oldest first.
func (w *World) Sent(t testing.TB) []notify.Message {
	t.Helper()
	rows, err := w.DB.QueryContext(t.Context(), `SELECT payload FROM outbox WHERE kind IN ($1, $2) ORDER BY seq`, notify.ByMail, notify.BySMS)
	check(t, err)
	defer rows.Close()
	var out []notify.Message
	for rows.Next() {
		var payload []byte
		check(t, rows.Scan(&payload))
		m, err := notify.Decode(payload)
		check(t, err)
		out = append(out, m)
	}
	check(t, rows.Err())
	return out
}

// Last gives the newest message.
func (w *World) Last(t testing.TB) notify.Message {
	t.Helper()
	all := w.Sent(t)
	if len(all) == 0 {
		t.Fatal("nothing was sent")
	}
	return all[len(all)-1]
}

// Actions lists the actions in the audit record, sorted.
func (w *World) Actions(t testing.TB) []string {
	t.Helper()
	rows, err := w.DB.QueryContext(t.Context(), `SELECT action FROM audit_events ORDER BY action`)
	check(t, err)
	defer rows.Close()
	var out []string
	for rows.Next() {
		var a string
		check(t, rows.Scan(&a))
		out = append(out, a)
	}
	return out
}

// Token reads the link's token out of a message.
func Token(t testing.TB, m notify.Message) string {
	t.Helper()
	u, err := url.Parse(m.Data["url"])
	check(t, err)
	token := u.Query().Get("t")
	if token == "" {
		t.Fatalf("message %s has no link with a token", m.Kind)
	}
	return token
}

var codeShape = regexp.MustCompile(`^[0-9A-Z]{3,4}(-[0-9A-Z]{3,4})+$`)

// Code reads the typed code out of a message.
func Code(t testing.TB, m notify.Message) string {
	t.Helper()
	c := m.Data["code"]
	if !codeShape.MatchString(c) {
		t.Fatalf("message %s has the code %q", m.Kind, c)
	}
	return c
}

// Factors is a switch for "has a second factor", and one for "the helpdesk vouched".
type Factors struct{ On, Vouches atomic.Bool }

// Vouched implements recover.Helpdesk.
func (f *Factors) Vouched(context.Context, ident.AccountID) (bool, error) {
	return f.Vouches.Load(), nil
}

// Enrolled implements the ports of recover and manage.
func (f *Factors) Enrolled(context.Context, ident.AccountID) (bool, error) { return f.On.Load(), nil }

// Factors, Remove and Restore make a factor.Keeper of it, for the check-up: one authenticator
// app that is there when On says so.
func (f *Factors) Factors(context.Context, ident.AccountID) ([]factor.Factor, error) {
	if !f.On.Load() {
		return nil, nil
	}
	return []factor.Factor{{Method: policy.TOTP, ID: "app", Name: "App", Usable: true}}, nil
}

// Remove implements factor.Keeper; nothing here is ever removed.
func (f *Factors) Remove(context.Context, ident.AccountID, string, factor.Record) error {
	return factor.ErrUnknown
}

// Restore implements factor.Keeper; nothing here is ever brought back.
func (f *Factors) Restore(context.Context, ident.AccountID, string, factor.Record) error {
	return factor.ErrUnknown
}

// Ended counts how often sessions and tokens were ended, and ends the sessions if there
// are any.
type Ended struct {
	Sessions    *session.Service // may be nil
	All, Others atomic.Int64
	Kept        atomic.Value // string: the session that was spared last
	Fail        atomic.Pointer[error]
}

// EndAll implements recover.Ender.
func (e *Ended) EndAll(ctx context.Context, id ident.AccountID) error {
	if err := e.Fail.Load(); err != nil {
		return *err
	}
	e.All.Add(1)
	return e.end(ctx, id, "")
}

// EndOthers implements manage.Ender.
func (e *Ended) EndOthers(ctx context.Context, id ident.AccountID, keep string) error {
	e.Others.Add(1)
	e.Kept.Store(keep)
	return e.end(ctx, id, keep)
}

func (e *Ended) end(ctx context.Context, id ident.AccountID, keep string) error {
	if e.Sessions == nil {
		return nil
	}
	living, err := e.Sessions.Distrust(ctx, id)
	for _, sess := range living {
		if sess.ID != keep && err == nil {
			_, err = e.Sessions.Revoke(ctx, sess.ID)
		}
	}
	return err
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
