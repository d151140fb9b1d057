package phonetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/appapi"
	"eulogin.example/idp/internal/factor/password"
	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/phoneclient"
	"eulogin.example/idp/internal/seal"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/idp/internal/webpush"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/kv"
	"eulogin.example/proto/kit/sqldb"
)

// PIN is the PIN of every robot phone.
const PIN = "4711"

// World is the phone side with everything it stands on.
type World struct {
	*accounttest.World
	Issuer  string
	Mux     *http.ServeMux
	Devices *sqlstore.Devices
	Phone   *phone.Service
	API     *appapi.API
	Client  *phoneclient.Client
	Hasher  *Hasher
	Pushes  *webpush.Sender
	config  phone.Config
	Resets  *Resets
	Log     *Log
}

// New builds a world on SQLite with the embedded expiring store.
func New(t testing.TB) *World {
	t.Helper()
	db, clock := backendtest.SQLite(t, sqlstore.Migrations()), accounttest.NewClock()
	return With(t, db, kv.NewEmbedded(db, clock.Now), clock)
}

// With builds a world on given stores.
func With(t testing.TB, db *sqldb.DB, store kv.Store, clock *accounttest.Clock) *World {
	t.Helper()
	w := &World{World: accounttest.With(t, db, store, clock), Mux: http.NewServeMux(), Resets: &Resets{}, Log: &Log{}}
	server := httptest.NewServer(w.Mux)
	t.Cleanup(server.Close)
	w.Issuer = strings.Replace(server.URL, "127.0.0.1", "localhost", 1) // Web Authentication takes no IP number
	w.Devices = sqlstore.NewDevices(w.Store, w.Resets)
	pool, err := password.NewPool(password.PoolConfig{
		Params: accounttest.Cheap(), Workers: 4, Queue: 200, MaxWait: 10 * time.Second, Now: time.Now, Rand: rand.Reader,
	})
	check(t, err)
	w.Hasher = &Hasher{Pool: pool}
	box, err := seal.New(make([]byte, 32))
	check(t, err)
	identity, err := webpush.NewIdentity(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32)), "mailto:ops@example.org")
	check(t, err)
	w.Pushes = webpush.NewSender(identity, true, clock.Now, rand.Reader)
	config := phone.Config{
		Issuer: w.Issuer, Store: w.Devices, KV: store, Hasher: w.Hasher, Limits: w.Limits, People: w.Devices, Journal: w.Journal, Box: box, Waker: w.Pushes,
		Now: clock.Now, Rand: rand.Reader,
	}
	w.Phone, err = phone.New(config)
	w.config = config
	check(t, err)
	w.API, err = appapi.New(appapi.Config{
		Issuer: w.Issuer, Phone: w.Phone, KV: store, Binding: binding, Now: clock.Now, Log: slog.New(slog.NewTextHandler(w.Log, nil)),
	})
	check(t, err)
	w.API.Mount(w.Mux)
	w.Client = &phoneclient.Client{HTTP: server.Client(), Now: clock.Now}
	return w
}

// WithoutPush gives the same service of an operator who wakes nobody.
func (w *World) WithoutPush(t testing.TB) *phone.Service {
	t.Helper()
	c := w.config
	c.Waker = nil
	s, err := phone.New(c)
	check(t, err)
	return s
}

// Begin opens an enrolment with the robots' PIN and gives the code as a phone reads it.
func (w *World) Begin(t testing.TB, a account.Account, name string) phoneclient.Code {
	t.Helper()
	e, secret, err := w.Phone.Begin(t.Context(), a.ID, phone.NewDevice{Name: name, PIN: PIN, Again: PIN})
	check(t, err)
	code, err := phoneclient.ParseCode(phone.CodeText(w.Issuer, e.ID, secret))
	check(t, err)
	return code
}

// Initialise makes a robot phone of an account.
func (w *World) Initialise(t testing.TB, a account.Account, name string) phoneclient.Link {
	t.Helper()
	code, key := w.Begin(t, a, name), Key(t)
	link, err := w.Client.Enrol(t.Context(), code, key, PIN, "robot")
	check(t, err)
	return link
}

// Push starts a sign-in request of a flow.
func (w *World) Push(t testing.TB, a account.Account, flow string) phone.Push {
	t.Helper()
	p, err := w.Phone.Start(t.Context(), phone.Ask{
		Flow: flow, Account: a.ID, Client: "CPMS 2.0", Browser: "Firefox, Linux", Address: "192.0.2.7",
	})
	check(t, err)
	return p
}

// Received lets a phone look for the one open request.
func (w *World) Received(t testing.TB, l phoneclient.Link) phoneclient.Request {
	t.Helper()
	all, err := w.Client.Requests(t.Context(), l, 0)
	check(t, err)
	if len(all) != 1 {
		t.Fatalf("the phone has %d requests, not one", len(all))
	}
	return all[0]
}

// Cookie is the cookie by which the robots' server knows a browser again.
const Cookie = "browser"

func binding(r *http.Request) string {
	c, err := r.Cookie(Cookie)
	if err != nil {
		return ""
	}
	return ident.Digest(c.Value)
}

// Key makes a phone's key.
func Key(t testing.TB) phoneclient.Key {
	t.Helper()
	k, err := phoneclient.NewKey()
	check(t, err)
	return k
}

// Hasher counts the PINs that were looked at, and can take its time like a real hash.
type Hasher struct {
	*password.Pool
	Slow     atomic.Bool
	Verified atomic.Int64
	Fail     atomic.Bool // no worker is free
	During   func()      // happens while a PIN is looked at; nil for nothing
}

// Verify implements phone.Hasher.
func (h *Hasher) Verify(ctx context.Context, hash, plain string) (bool, error) {
	if h.Fail.Load() {
		return false, password.ErrBusy
	}
	h.Verified.Add(1)
	if h.During != nil {
		h.During()
	}
	if h.Slow.Load() {
		time.Sleep(60 * time.Millisecond)
	}
	return h.Pool.Verify(ctx, hash, plain)
}

// Resets remembers which accounts lost their last factor.
type Resets struct {
	mu  sync.Mutex
	all []ident.AccountID
}

// FactorsReset implements sqlstore.Events.
func (r *Resets) FactorsReset(_ context.Context, _ sqldb.Querier, _ time.Time, id ident.AccountID) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, id)
	return nil
}

// All gives the accounts so far.
func (r *Resets) All() []ident.AccountID {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]ident.AccountID(nil), r.all...)
}

// Log keeps what was logged, to look for secrets in it.
type Log struct {
	mu   sync.Mutex
	text []byte
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, p...)
	return len(p), nil
}

// String gives all of it.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
