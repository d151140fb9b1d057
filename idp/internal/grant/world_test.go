package grant_test

import (
	"context"
	"crypto/rand"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/grant"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
	"eulogin.example/proto/kit/sqldb"
)

var approval = grant.Approval{
	Client: "rp", Account: "n00annaaaaa", SID: "s1", Scopes: []string{"openid", "offline_access"}, ACR: "medium", AMR: []string{"pwd"}, AuthTime: time.UnixMicro(1e15).UTC(),
}

var lives = grant.Lives{Access: 5 * time.Minute, Refresh: time.Hour}

// world is a service on real stores with a clock that the test turns.
type world struct {
	*grant.Service
	store  *sqlstore.Store
	at     atomic.Int64
	before func(verb string) error // called before each write of the expiring store, if set
	over   error                   // what is said of the session of a code
}

func (w *world) pass(d time.Duration) { w.at.Add(d.Microseconds()) }

func on(db *sqldb.DB, store kv.Store) *world {
	w := &world{store: sqlstore.New(db)}
	w.at.Store(time.Now().UnixMicro())
	w.Service = &grant.Service{KV: &hooked{store, w}, Families: w.store, Now: func() time.Time { return time.UnixMicro(w.at.Load()).UTC() }, Random: rand.Reader}
	return w
}

func newWorld(t testing.TB) *world {
	db := backendtest.SQLite(t, sqlstore.Migrations())
	return on(db, kv.NewEmbedded(db, time.Now))
}

// each runs f on {SQLite, PostgreSQL} × {embedded, Redis}.
func each(t *testing.T, f func(t *testing.T, w *world)) {
	backendtest.Each(t, func(t *testing.T, db *sqldb.DB, s kv.Store) { f(t, on(db, s)) }, sqlstore.Migrations())
}

// hooked lets a test step in before a write, or fail it.
type hooked struct {
	kv.Store
	w *world
}

func (h *hooked) step(verb string) error {
	before := h.w.before
	if before == nil {
		return nil
	}
	h.w.before = nil
	return before(verb)
}

func (h *hooked) Put(ctx context.Context, key string, val []byte, ttl time.Duration) error {
	if err := h.step("put"); err != nil {
		return err
	}
	return h.Store.Put(ctx, key, val, ttl)
}

func (h *hooked) Once(ctx context.Context, m kv.Mark, key string, take bool) ([]byte, error) {
	if err := h.step("once"); err != nil {
		return nil, err
	}
	return h.Store.Once(ctx, m, key, take)
}

func (h *hooked) Swap(ctx context.Context, key string, old, val []byte, ttl time.Duration) error {
	if err := h.step("swap"); err != nil {
		return err
	}
	return h.Store.Swap(ctx, key, old, val, ttl)
}

// code issues a code.
func (w *world) code(t testing.TB) string {
	t.Helper()
	code, err := w.IssueCode(t.Context(), grant.Code{Approval: approval, RedirectURI: "https://rp.example/cb", Challenge: "c", Nonce: "n"})
	must(t, err)
	return code
}

// tokens issues a code and exchanges it.
func (w *world) tokens(t testing.TB) grant.Tokens {
	t.Helper()
	code := w.code(t)
	c, err := w.RedeemCode(t.Context(), code, kv.Mark{})
	must(t, err)
	got, err := w.exchange(t, code, c)
	must(t, err)
	return got
}

// exchange prepares the tokens of a redeemed code and makes them good.
func (w *world) exchange(t testing.TB, code string, c grant.Code) (grant.Tokens, error) {
	t.Helper()
	p, err := w.Prepare(t.Context(), code, c, c.Approval, lives)
	if err == nil {
		err = w.Exchange(t.Context(), p, w.hold)
	}
	return p.Tokens, err
}

// hold makes a mark beside a session that stands as the test says.
func (w *world) hold(ctx context.Context, m kv.Mark) error {
	if errors.Is(w.over, kv.ErrUnavailable) {
		return w.over
	}
	_, err := kv.OnceJSON[any](ctx, w.KV, m, "session:none", false)
	if errors.Is(err, kv.ErrNotFound) {
		return w.over
	}
	return err
}

// turn presents and rotates.
func (w *world) turn(t testing.TB, token string, authenticated bool) (grant.Tokens, error) {
	t.Helper()
	turn, err := w.Present(t.Context(), token, "rp", authenticated)
	if err != nil {
		return grant.Tokens{}, err
	}
	got, err := w.Renew(t.Context(), turn, turn.Approval, lives.Access)
	if err == nil {
		got.Refresh, err = w.Rotate(t.Context(), turn)
	}
	return got, err
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func invalid(t testing.TB, what string, err error) {
	t.Helper()
	if fault.CodeOf(err) != grant.ErrInvalid.Code {
		t.Errorf("%s: %v", what, err)
	}
}
