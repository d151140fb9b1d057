package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/inbox"
	"eulogin.example/cpms/internal/jobs"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/profile"
	"eulogin.example/cpms/internal/sqlstore"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/sqldb"
)

const issuer = "https://idp.example"

// idp answers as the test says.
type idp struct{ err error }

func (i *idp) Get(context.Context, person.Person) (access.Known, error) {
	return access.Known{Active: true, Level: 10, SecondFactor: true}, i.err
}

type world struct {
	t        *testing.T
	at       atomic.Int64
	db       *sqldb.DB
	store    *sqlstore.Store
	people   *person.Service
	profiles *profile.Service
	access   *access.Service
	idp      *idp
}

func (w *world) now() time.Time       { return time.UnixMicro(w.at.Load()).UTC() }
func (w *world) pass(d time.Duration) { w.at.Add(d.Microseconds()) }

func both(t *testing.T, f func(t *testing.T, w *world)) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) {
		w := &world{t: t, db: db, store: sqlstore.New(db), idp: &idp{}}
		w.at.Store(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC).UnixMicro())
		w.people = &person.Service{Store: w.store, Now: w.now, Random: rand.Reader}
		w.profiles = &profile.Service{Store: w.store, Now: w.now}
		w.access = &access.Service{Store: w.store, Assurance: w.idp, Now: w.now, Random: rand.Reader, BaseURL: "https://cpms.example"}
		f(t, w)
	}, sqlstore.Migrations())
}

func (w *world) person(sub string) person.Person {
	w.t.Helper()
	p, err := w.people.Ensure(w.t.Context(), person.Claims{Issuer: issuer, Subject: sub, GivenName: sub, FamilyName: "Test", Email: sub + "@example.org", Locale: "en", Assurance: 10})
	w.must(err)
	return p
}

func (w *world) coordinator(sub, network string) person.Person {
	w.t.Helper()
	w.must(w.store.GiveRole(w.t.Context(), w.now(), issuer, sub, access.CoordinatorRole, network))
	return w.person(sub)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) strong() access.Strength { return access.Strength{Medium: true, AuthTime: w.now()} }

func form() access.Request {
	return access.Request{Network: "ern-eye", Country: "DE", Hospital: "de-02", Role: access.HP, Declaration: true, Terms: true}
}

func guest() access.Request {
	r := form()
	r.Hospital, r.Role, r.DurationDays = "guest", access.GuestUser, 90
	r.Justification, r.SponsorName, r.SponsorEmail = strings.Repeat("why I need it ", 5), "Elena Eyre", "elena@example.org"
	return r
}

func (w *world) submit(p person.Person, f access.Request) access.Request {
	w.t.Helper()
	r, err := w.access.Submit(w.t.Context(), p, f, true, w.strong(), "medium")
	w.must(err)
	return r
}

func (w *world) count(query string, args ...any) (n int) {
	w.t.Helper()
	w.must(w.db.QueryRowContext(w.t.Context(), query, args...).Scan(&n))
	return n
}

func TestProfileDraftsHaveVersions(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p := w.person("anna")
		w.must(w.profiles.Save1(t.Context(), p.ID, 0, profile.Page1{Title: " Dr "}, false))
		got, err := w.profiles.Of(t.Context(), p.ID)
		if err != nil || got.Title != "Dr" || got.Version != 1 || got.Complete() {
			t.Fatalf("%+v %v", got, err)
		}
		if err := w.profiles.Save2(t.Context(), p.ID, 0, profile.Page2{}, false); !errors.Is(err, profile.ErrChanged) {
			t.Fatalf("an older window overwrote: %v", err)
		}
		err = w.profiles.Save1(t.Context(), p.ID, 1, profile.Page1{}, true)
		if fault.KindOf(err) != fault.Invalid || len(fault.As(err).Fields) != 3 {
			t.Fatalf("%v", err)
		}
	})
}

func TestSubmissionKeepsTheDraftWhenIDPIsDown(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p := w.person("anna")
		w.idp.err = fault.New(fault.Unavailable, "assurance.unavailable")
		r, err := w.access.Submit(t.Context(), p, form(), true, w.strong(), "medium")
		if fault.KindOf(err) != fault.Unavailable {
			t.Fatal(err)
		}
		list, err := w.store.RequestsOf(t.Context(), p.ID)
		if err != nil || len(list) != 1 || list[0].State != access.Draft || list[0].ID != r.ID {
			t.Fatalf("%+v %v", list, err)
		}
		w.idp.err = nil
		again := form()
		again.ID, again.Version = r.ID, list[0].Version
		w.submit(p, again)
		if _, err := w.access.Submit(t.Context(), p, form(), true, w.strong(), "medium"); !errors.Is(err, access.ErrDuplicate) {
			t.Fatalf("duplicate: %v", err)
		}
		if _, err := w.access.Submit(t.Context(), p, guest(), true, access.Strength{Medium: true, AuthTime: w.now().Add(-16 * time.Minute)}, "medium"); !errors.Is(err, access.ErrLevel) {
			t.Fatalf("stale: %v", err)
		}
	})
}

// One open request, whatever races.
func TestTwentySubmissionsAtOnce(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p := w.person("anna")
		var wg sync.WaitGroup
		var won atomic.Int64
		for range 20 {
			wg.Go(func() {
				if _, err := w.access.Submit(context.Background(), p, form(), true, w.strong(), "medium"); err == nil {
					won.Add(1)
				} else if fault.KindOf(err) != fault.Conflict {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if open := w.count(`SELECT COUNT(*) FROM requests WHERE state = 'submitted'`); won.Load() != 1 || open != 1 {
			t.Fatalf("%d won, %d open", won.Load(), open)
		}
	})
}

func TestAHundredCoordinatorsDecideAtOnce(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p, c := w.person("anna"), w.coordinator("elena", "ern-eye")
		r := w.submit(p, form())
		before := w.count(`SELECT COUNT(*) FROM outbox`)
		var wg sync.WaitGroup
		var won, lost atomic.Int64
		for range 100 {
			wg.Go(func() {
				_, err := w.access.Decide(context.Background(), c, p, r.ID, r.Version, access.Decision{Do: access.Approve}, w.strong(), "medium")
				switch {
				case err == nil:
					won.Add(1)
				case errors.Is(err, access.ErrChanged), errors.Is(err, access.ErrState):
					lost.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		grants := w.count(`SELECT COUNT(*) FROM grants`)
		mails := w.count(`SELECT COUNT(*) FROM outbox`) - before
		if won.Load() != 1 || lost.Load() != 99 || grants != 1 || mails != 1 {
			t.Fatalf("%d decisions, %d conflicts, %d grants, %d mails", won.Load(), lost.Load(), grants, mails)
		}
	})
}

func TestRulesOfTheDesk(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		elena, lung, all := w.coordinator("elena", "ern-eye"), w.coordinator("lars", "ern-lung"), w.coordinator("ada", "*")
		own := w.submit(all, form())
		decide := func(by person.Person, r access.Request, d access.Decision, s access.Strength) error {
			_, err := w.access.Decide(t.Context(), by, all, r.ID, r.Version, d, s, "medium")
			return err
		}
		approve := access.Decision{Do: access.Approve}
		if err := decide(all, own, approve, w.strong()); !errors.Is(err, access.ErrOwn) {
			t.Errorf("one's own: %v", err)
		}
		if err := decide(lung, own, approve, w.strong()); !errors.Is(err, access.ErrUnknown) {
			t.Errorf("another network's request exists for nobody else: %v", err)
		}
		if err := decide(elena, own, approve, access.Strength{AuthTime: w.now()}); !errors.Is(err, access.ErrLevel) {
			t.Errorf("by password alone: %v", err)
		}
		if err := decide(elena, own, access.Decision{Do: access.Reject}, w.strong()); fault.KindOf(err) != fault.Invalid {
			t.Errorf("without a reason: %v", err)
		}
		w.must(decide(elena, own, access.Decision{Do: access.AskMore, Text: "Which clinic?"}, w.strong()))
		stored, err := w.store.RequestByID(t.Context(), own.ID)
		w.must(err)
		answered, err := w.access.Answer(t.Context(), all, own.ID, stored.Version, "The eye clinic")
		w.must(err)
		withdrawn, err := w.access.Withdraw(t.Context(), all, own.ID, answered.Version)
		w.must(err)
		if err := decide(elena, withdrawn, approve, w.strong()); !errors.Is(err, access.ErrState) {
			t.Errorf("after withdrawal: %v", err)
		}
		if q, err := w.store.Queue(t.Context(), []string{"ern-eye"}, 10); err != nil || len(q) != 0 {
			t.Errorf("%v %v", q, err)
		}
		if e, err := w.store.Timeline(t.Context(), own.ID); err != nil || len(e) != 4 {
			t.Errorf("%d steps, %v", len(e), err)
		}
	})
}

// A guest's ninety days: mails at fourteen and three days and at the end, each once, with two
// workers, and nothing on day 91 even if no worker ran.
func TestNinetyDaysOfAGuest(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p, c := w.person("anna"), w.coordinator("elena", "ern-eye")
		r := w.submit(p, guest())
		_, err := w.access.Decide(t.Context(), c, p, r.ID, r.Version, access.Decision{Do: access.Approve}, w.strong(), "medium")
		w.must(err)
		grants, err := w.store.GrantsOf(t.Context(), p.ID)
		w.must(err)
		if s := grants[0].Status(w.now().AddDate(0, 0, 90)); s != access.Expired || grants[0].Status(w.now().AddDate(0, 0, 89)) != access.Expiring {
			t.Fatalf("day 90: %v", s)
		}
		before := w.count(`SELECT COUNT(*) FROM outbox`)
		worker := &jobs.Jobs{Store: w.store, Now: w.now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), BaseURL: "https://cpms.example"}
		for range 92 {
			var wg sync.WaitGroup
			for range 2 {
				wg.Go(func() {
					if err := worker.Grants(context.Background()); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			w.pass(24 * time.Hour)
		}
		if n := w.count(`SELECT COUNT(*) FROM outbox`) - before; n != 3 {
			t.Fatalf("%d mails", n)
		}
	})
}

func TestEventsAreAppliedOnceAndInOrder(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p, c := w.person("anna"), w.coordinator("elena", "ern-eye")
		r := w.submit(p, form())
		_, err := w.access.Decide(t.Context(), c, p, r.ID, r.Version, access.Decision{Do: access.Approve}, w.strong(), "medium")
		w.must(err)
		apply := func(seq int64, kind inbox.Kind, change func(*inbox.Event)) (int64, error) {
			e := inbox.Event{ID: "e", Issuer: issuer, Subject: "anna", Sequence: seq, At: w.now(), Kind: kind}
			if change != nil {
				change(&e)
			}
			return w.store.ApplyEvent(t.Context(), e)
		}
		if _, err := apply(2, inbox.FactorsReset, nil); !errors.Is(err, inbox.ErrGap) {
			t.Fatalf("gap: %v", err)
		}
		for range 3 {
			if last, err := apply(1, inbox.EmailChanged, func(e *inbox.Event) { e.Email = "new@example.org" }); err != nil || last != 1 {
				t.Fatalf("%d %v", last, err)
			}
		}
		_, err = apply(2, inbox.FactorsReset, nil)
		w.must(err)
		grants, err := w.store.GrantsOf(t.Context(), p.ID)
		w.must(err)
		if grants[0].Status(w.now()) != access.Suspended {
			t.Fatalf("%v", grants[0].Status(w.now()))
		}
		w.must(w.store.LiftSuspensions(t.Context(), w.now(), p.ID))
		other := w.submit(p, guest())
		_, err = apply(3, inbox.Erased, nil)
		w.must(err)
		gone, err := w.store.PersonByKey(t.Context(), issuer, "anna")
		if err != nil || gone.Status != person.Erased || gone.Email != "" || gone.Name() != "" {
			t.Fatalf("%+v %v", gone, err)
		}
		left, err := w.store.RequestByID(t.Context(), other.ID)
		if err != nil || left.State != access.Withdrawn || left.Justification != "" {
			t.Fatalf("%+v %v", left, err)
		}
		grants, err = w.store.GrantsOf(t.Context(), p.ID)
		if err != nil || grants[0].Status(w.now()) != access.Revoked {
			t.Fatalf("%+v %v", grants, err)
		}
		if _, err := w.people.Ensure(t.Context(), person.Claims{Issuer: issuer, Subject: "anna"}); !errors.Is(err, person.ErrClosed) {
			t.Fatalf("a tombstone came back: %v", err)
		}
		if n := w.count(`SELECT COUNT(*) FROM audit_events WHERE action = 'account.email_changed'`); n != 1 {
			t.Fatalf("applied %d times", n)
		}
	})
}
