package login_test

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/limit"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

const (
	anna   = ident.AccountID("n00annaanna")
	bob    = ident.AccountID("n00bobbobbo")
	maria  = ident.AccountID("n00mariamar") // always wants two factors
	secret = "Right horse 1"

	annaMail, bobMail, mariaMail = "anna@example.org", "bob@example.org", "maria@example.org"

	here = "digest-of-this-browser"
)

// world is a sign-in service over a real expiring store, with people and phones of its own.
type world struct {
	*login.Service
	store *hooked
	phone *phone
	at    atomic.Int64
	past  *history
}

func newWorld(t testing.TB) *world {
	w := &world{phone: &phone{has: map[ident.AccountID]bool{anna: true}, state: map[string]login.State{}}, past: &history{}}
	w.at.Store(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC).UnixMicro())
	w.store = &hooked{Store: kv.NewEmbedded(backendtest.SQLite(t), w.now)}
	w.phone.now = w.now
	w.Service = login.New(login.Config{
		KV: w.store, Accounts: people{}, Passwords: passwords{}, Methods: map[policy.Method]login.Method{policy.AppPIN: w.phone},
		Limits: limit.New(w.store, w.now), Sessions: session.New(w.store, w.now, rand.Reader), History: w.past,
		LostURL: "http://idp.example/password/lost", Now: w.now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler),
	})
	return w
}

func (w *world) now() time.Time       { return time.UnixMicro(w.at.Load()).UTC() }
func (w *world) pass(d time.Duration) { w.at.Add(d.Microseconds()) }

// asks begins a sign-in that a service asked for at a level.
func (w *world) asks(t testing.TB, floor policy.Level) string {
	t.Helper()
	return w.begin(t, login.Request{
		Kind: login.KindAuthorize, ClientID: "cpms", ClientName: "CPMS", ReturnURL: "/authorize/callback",
		Requirement: policy.AtLeast(floor, -1),
	}, nil)
}

func (w *world) begin(t testing.TB, r login.Request, s *session.Session) string {
	t.Helper()
	id, err := w.Begin(t.Context(), r, here, s)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (w *world) step(t testing.TB, id string) login.Step {
	t.Helper()
	v, err := w.Look(t.Context(), id, here)
	if err != nil {
		t.Fatal(err)
	}
	return v.Step
}

func (w *world) named(t testing.TB, id, email string) {
	t.Helper()
	if _, err := w.Identify(t.Context(), id, here, email); err != nil {
		t.Fatal(err)
	}
}

func (w *world) try(t testing.TB, id, plain string, m policy.Method) error {
	t.Helper()
	_, err := w.Password(t.Context(), id, here, login.Try{Password: plain, Method: m, Meta: meta})
	return err
}

// signIn goes through a whole sign-in by password and gives the cookie and the session.
func (w *world) signIn(t testing.TB, email string) (string, session.Session) {
	t.Helper()
	id := w.asks(t, policy.Basic)
	w.named(t, id, email)
	if err := w.try(t, id, secret, policy.Password); err != nil {
		t.Fatal(err)
	}
	done, err := w.Finish(t.Context(), id, here, "", meta)
	if err != nil {
		t.Fatal(err)
	}
	return done.Token, done.Session
}

// counting counts the passwords that are looked at.
type counting struct{ n *atomic.Int64 }

func (c counting) Verify(context.Context, ident.AccountID, string) (bool, error) {
	c.n.Add(1)
	return false, nil
}

// busy is a hash pool without a free worker.
type busy struct{}

func (busy) Verify(context.Context, ident.AccountID, string) (bool, error) {
	return false, fault.New(fault.Unavailable, "password.busy")
}

var meta = session.Meta{Browser: "Firefox, Linux", Address: "192.0.2.1"}

// people are the accounts.
type people struct{}

func (people) all() []account.Account {
	a := func(id ident.AccountID, email string, mfa bool, s account.Status) account.Account {
		return account.Account{ID: id, GivenName: "A", FamilyName: "B", Email: email, EmailKey: email, MailLang: "en", Status: s, AlwaysMFA: mfa, Version: 1}
	}
	return []account.Account{
		a(anna, annaMail, false, account.Active), a(bob, bobMail, false, account.Active), a(maria, mariaMail, true, account.Active),
		a("n00disabled", "off@example.org", false, account.Disabled),
	}
}

func (p people) ByID(_ context.Context, id ident.AccountID) (account.Account, error) {
	for _, a := range p.all() {
		if a.ID == id {
			return a, nil
		}
	}
	return account.Account{}, account.ErrUnknown
}

func (p people) ByEmailKey(_ context.Context, key string) (account.Account, error) {
	for _, a := range p.all() {
		if a.EmailKey == key {
			return a, nil
		}
	}
	return account.Account{}, account.ErrUnknown
}

type passwords struct{}

func (passwords) Verify(_ context.Context, id ident.AccountID, plain string) (bool, error) {
	return id != "" && plain == secret, nil
}

// phone is the second factor of these tests: the test says what its owner does.
type phone struct {
	mu      sync.Mutex
	has     map[ident.AccountID]bool
	state   map[string]login.State
	started int
	last    string
	asked   login.Ask
	onStart func() // runs while a challenge is being opened
	refuse  error  // what Start answers
	now     func() time.Time
}

func (p *phone) Proves() []policy.Method { return []policy.Method{policy.AppPIN} }

func (p *phone) EnrolPath() string { return "/account/devices/add" }

func (p *phone) Enrolled(_ context.Context, id ident.AccountID) ([]policy.Method, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.has[id] {
		return nil, nil
	}
	return p.Proves(), nil
}

func (p *phone) Start(_ context.Context, a login.Ask) (login.Pending, error) {
	if p.onStart != nil {
		p.onStart()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.refuse != nil {
		return login.Pending{}, p.refuse
	}
	p.started++
	p.asked, p.last = a, ident.NewID(rand.Reader)
	p.state[p.last] = login.Waiting
	return login.Pending{Method: policy.AppPIN, ID: p.last, ExpiresAt: p.now().Add(2 * time.Minute), Show: map[string]string{"number": "42"}}, nil
}

func (p *phone) Poll(_ context.Context, id string) (login.State, login.Proven, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s, ok := p.state[id]
	if !ok {
		return login.Expired, login.Proven{}, nil
	}
	return s, login.Proven{Method: policy.AppPIN, FactorID: "device-1"}, nil
}

// does sets how the newest challenge stands.
func (p *phone) does(s login.State) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state[p.last] = s
}

// history keeps what was written, as the SQL store does.
type history struct {
	mu       sync.Mutex
	attempts []login.Attempt
	events   []audit.Event
	messages []notify.Message
}

func (h *history) RecordAttempt(_ context.Context, a login.Attempt, e []audit.Event, m []notify.Message) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if slices.ContainsFunc(h.attempts, func(o login.Attempt) bool { return o.ID == a.ID }) {
		return nil
	}
	h.attempts, h.events, h.messages = append(h.attempts, a), append(h.events, e...), append(h.messages, m...)
	return nil
}

// hooked is the real store with a place to step in between two of its verbs, which is where
// races happen.
type hooked struct {
	kv.Store
	onSwap func(key string)
}

func (h *hooked) Swap(ctx context.Context, key string, old, val []byte, ttl time.Duration) error {
	if h.onSwap != nil {
		h.onSwap(key)
	}
	return h.Store.Swap(ctx, key, old, val, ttl)
}

func wants(t testing.TB, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}
