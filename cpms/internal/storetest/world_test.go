package storetest

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/notify"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/profile"
	"eulogin.example/cpms/internal/receipt"
	"eulogin.example/cpms/internal/sqlstore"
	"eulogin.example/cpms/internal/terms"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/sqldb"
)

const issuer = "https://idp.example"

// idp answers as the test says.
type idp struct {
	known access.Known
	err   error
}

func (i *idp) Get(context.Context, person.Person) (access.Known, error) { return i.known, i.err }

// world is cpms's domain on one database, with a clock that the test moves.
type world struct {
	t        testing.TB
	at       atomic.Int64
	db       *sqldb.DB
	store    *sqlstore.Store
	people   *person.Service
	profiles *profile.Service
	access   *access.Service
	receipts *receipt.Ring
	idp      *idp
}

// both runs a story on SQLite and on PostgreSQL.
func both(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) { f(t, newWorld(t, db)) }, sqlstore.Migrations())
}

// one runs a story where the engine does not matter.
func one(t *testing.T) *world { return newWorld(t, backendtest.SQLite(t, sqlstore.Migrations())) }

func newWorld(t testing.TB, db *sqldb.DB) *world {
	w := &world{t: t, db: db, store: sqlstore.New(db), idp: &idp{known: access.Known{Active: true, Level: 10, SecondFactor: true}}}
	w.at.Store(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC).UnixMicro())
	w.people = &person.Service{Store: w.store, Now: w.now, Random: rand.Reader}
	w.profiles = &profile.Service{Store: w.store, Now: w.now}
	ring, err := receipt.New(t.Context(), w.store, []byte("0123456789abcdef0123456789abcdef"), w.now, rand.Reader)
	w.must(err)
	w.receipts = ring
	w.access = w.service(w.store)
	return w
}

func (w *world) service(s access.Store) *access.Service {
	return &access.Service{Store: s, Assurance: w.idp, Shown: w.idp, Now: w.now, Random: rand.Reader, BaseURL: "https://cpms.example", Receipts: w.receipts}
}

func (w *world) now() time.Time          { return time.UnixMicro(w.at.Load()).UTC() }
func (w *world) pass(d time.Duration)    { w.at.Add(d.Microseconds()) }
func (w *world) strong() access.Strength { return access.Strength{Medium: true, AuthTime: w.now()} }

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func claims(sub string) person.Claims {
	return person.Claims{Issuer: issuer, Subject: sub, GivenName: sub, FamilyName: "Test", Email: sub + "@example.org", Locale: "en", Assurance: 10}
}

// person signs somebody in.
func (w *world) person(sub string) person.Person {
	w.t.Helper()
	p, err := w.people.Ensure(w.t.Context(), claims(sub))
	w.must(err)
	return p
}

// coordinator signs somebody in who decides for a network, or for all ("*").
func (w *world) coordinator(sub, slug string) person.Person {
	w.t.Helper()
	o := &access.Operator{Store: w.store, Now: w.now}
	w.must(o.GrantRole(w.t.Context(), issuer, sub, access.CoordinatorRole, slug))
	return w.person(sub)
}

// form is a member's request that can be submitted.
func form() access.Request {
	return access.Request{Network: "ern-eye", Country: "DE", Hospital: "de-02", Role: access.HP, Declaration: true, Terms: true, TermsVersion: "2026-11-23"}
}

// guest is a request for ninety days of guest access.
func guest() access.Request {
	r := form()
	r.Hospital, r.Role, r.DurationDays = "guest", access.GuestUser, 90
	r.Justification, r.SponsorName, r.SponsorEmail = strings.Repeat("why I need it ", 5), "Elena Eyre", "elena@example.org"
	return r
}

func (w *world) submit(p person.Person, f access.Request) access.Request {
	w.t.Helper()
	if f.ID == "" { // a form that is shown now
		f.TermsVersion = terms.InForce(w.now()).ID
	}
	r, err := w.access.Submit(w.t.Context(), p, f, true, w.strong(), "medium")
	w.must(err)
	return r
}

func (w *world) approve(c, p person.Person, r access.Request) access.Grant {
	w.t.Helper()
	_, err := w.access.Decide(w.t.Context(), c, p, r.ID, r.Version, access.Decision{Do: access.Approve}, w.strong(), "medium")
	w.must(err)
	for _, g := range w.grants(p) {
		if g.RequestID == r.ID {
			return g
		}
	}
	w.t.Fatal("approved without a grant")
	return access.Grant{}
}

func (w *world) stored(id string) access.Request {
	w.t.Helper()
	r, err := w.store.RequestByID(w.t.Context(), id)
	w.must(err)
	return r
}

func (w *world) requests(p person.Person) []access.Request {
	w.t.Helper()
	list, err := w.store.RequestsOf(w.t.Context(), p.ID)
	w.must(err)
	return list
}

func (w *world) grants(p person.Person) []access.Grant {
	w.t.Helper()
	list, err := w.store.GrantsOf(w.t.Context(), p.ID)
	w.must(err)
	return list
}

func (w *world) count(query string, args ...any) (n int) {
	w.t.Helper()
	w.must(w.db.QueryRowContext(w.t.Context(), query, args...).Scan(&n))
	return n
}

// mails counts the mails to an address by their kinds.
func (w *world) mails(to string) map[string]int {
	w.t.Helper()
	rows, err := w.db.QueryContext(w.t.Context(), `SELECT payload FROM outbox WHERE kind = $1`, notify.OutboxKind)
	w.must(err)
	defer func() { _ = rows.Close() }()
	out := map[string]int{}
	for rows.Next() {
		var raw []byte
		w.must(rows.Scan(&raw))
		m, err := notify.Decode(raw)
		w.must(err)
		if m.To == to {
			out[m.Kind]++
		}
	}
	w.must(rows.Err())
	return out
}

func (w *world) events(action string) int {
	return w.count(`SELECT COUNT(*) FROM audit_events WHERE action = $1`, action)
}

// atOnce runs n of the same at once and gives what each answered.
func atOnce(n int, do func(i int) error) []error {
	out := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			out[i] = do(i)
		})
	}
	close(start)
	wg.Wait()
	return out
}

func name(prefix string, i int) string { return fmt.Sprintf("%s%03d", prefix, i) }
