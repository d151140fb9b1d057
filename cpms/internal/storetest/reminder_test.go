package storetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/person"
)

// remind runs two workers at once, as two processes do.
func (w *world) remind() {
	w.t.Helper()
	for _, err := range atOnce(2, func(int) error { return w.clock().Requests(context.Background()) }) {
		w.must(err)
	}
}

// administrator signs somebody in who administers.
func (w *world) administrator(sub string) person.Person {
	w.t.Helper()
	o := &access.Operator{Store: w.store, Now: w.now}
	w.must(o.GrantRole(w.t.Context(), issuer, sub, access.AdministratorRole, access.AllNetworks))
	return w.person(sub)
}

// Thirty days of a request that nobody decides, with two workers: each reminder once, then the end.
func TestThirtyDaysOfARequestThatNobodyDecides(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p, c, all, admin := w.person("anna"), w.coordinator("elena", "ern-eye"), w.coordinator("finn", "*"), w.administrator("ada")
		other := w.coordinator("otto", "ern-lung")
		r := w.submit(p, form())
		for h := range 24 * 31 {
			if s := w.stored(r.ID).State; (h <= 720) != (s == access.Submitted) { // ended by the tick of hour 720
				t.Fatalf("hour %d: %s", h, s)
			}
			if h%6 == 0 {
				w.remind()
			}
			want := map[string]int{}
			if h >= 24 {
				want["overdue"] = 1
			}
			if h >= 72 {
				want["escalated"] = 1
			}
			for _, d := range []person.Person{c, all} {
				if m := w.mails(d.Email); m["overdue"] != want["overdue"] || m["escalated"] != want["escalated"] {
					t.Fatalf("hour %d, %s: %v", h, d.Email, m)
				}
			}
			if m := w.mails(admin.Email); m["overdue"] != 0 || m["escalated"] != want["escalated"] {
				t.Fatalf("hour %d, administrator: %v", h, m)
			}
			w.pass(time.Hour)
		}
		if m := w.mails("cpms@ern-eye.example"); m["escalated"] != 1 {
			t.Errorf("the helpdesk: %v", m)
		}
		if m := w.mails(other.Email); len(m) != 0 {
			t.Errorf("another network: %v", m)
		}
		if m := w.mails(p.Email); m["lapsed"] != 1 || m["unanswered"] != 0 || w.events("request.time_up") != 1 || w.events("request.overdue") != 1 || w.events("request.escalated") != 1 {
			t.Errorf("%v", m)
		}
		w.submit(p, form()) // a new one can be submitted
	})
}

// Who does not answer is reminded once, and an answer begins the clock anew.
func TestAQuestionThatIsNotAnswered(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p, c := w.person("anna"), w.coordinator("elena", "ern-eye")
		r := w.path(p, c, access.MoreInfo)
		for range 10 {
			w.pass(day)
			w.remind()
		}
		if m := w.mails(p.Email); m["unanswered"] != 1 {
			t.Fatalf("%v", m)
		}
		w.must(w.command(p, c, r, access.Answer))
		w.pass(25 * time.Hour)
		w.remind()
		if m := w.mails(c.Email); m["overdue"] != 1 {
			t.Errorf("%v", m)
		}
		w.pass(29 * day)
		w.remind()
		if s := w.stored(r.ID).State; s != access.Lapsed {
			t.Errorf("%s", s)
		}
		if err := w.command(p, c, w.stored(r.ID), access.Approve); !errors.Is(err, access.ErrState) {
			t.Errorf("decided after its end: %v", err)
		}
	})
}

// A worker that was away for long tells only what is still true.
func TestNoWorkerForThreeDays(t *testing.T) {
	w := one(t)
	p, c := w.person("anna"), w.coordinator("elena", "ern-eye")
	w.submit(p, form())
	w.pass(80 * time.Hour)
	w.remind()
	w.remind()
	if m := w.mails(c.Email); m["overdue"] != 0 || m["escalated"] != 1 {
		t.Errorf("%v", m)
	}
}

// A decision and the clock at once: one of the two, and no reminder of what is decided.
func TestTheClockAndADecisionAtOnce(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		c := w.coordinator("elena", "ern-eye")
		for i := range 10 {
			p := w.person(name("p", i))
			r := w.submit(p, form())
			w.pass(access.OpenFor)
			errs := atOnce(2, func(n int) error {
				if n == 0 {
					return w.clock().Requests(context.Background())
				}
				return w.command(p, c, r, access.Approve)
			})
			w.must(errs[0])
			s := w.stored(r.ID).State
			if (s == access.Approved) != (errs[1] == nil) || s != access.Approved && s != access.Lapsed || (w.mails(p.Email)["lapsed"] == 1) != (s == access.Lapsed) {
				t.Errorf("%s, %v, %v", s, errs[1], w.mails(p.Email))
			}
		}
	})
}

// The store's question and the rule are the same at every moment.
func TestRemindersDueInTheStoreAreDueInTheRule(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		c := w.coordinator("elena", "ern-eye")
		for i, s := range []access.State{access.Draft, access.Submitted, access.MoreInfo, access.Approved, access.Rejected, access.Withdrawn} {
			w.path(w.person(name("p", i)), c, s)
		}
		for range 31 * 4 {
			due, err := w.store.DueRequests(t.Context(), w.now(), 100)
			w.must(err)
			for i := range 6 {
				r := w.requests(w.person(name("p", i)))[0]
				asked := slices.ContainsFunc(due, func(d access.Request) bool { return d.ID == r.ID })
				if want := r.Reminds(w.now()) != access.NoReminder; asked != want {
					t.Fatalf("%s after %s: store %v, rule %v", r.State, w.now().Sub(r.UpdatedAt), asked, want)
				}
			}
			w.pass(6 * time.Hour)
		}
	})
}
