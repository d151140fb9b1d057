package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/inbox"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/proto/kit/fault"
)

// ended remembers which sessions were ended, and fails when it is told to.
type ended struct {
	sids, subjects []string
	err            error
}

func (e *ended) EndBySID(_ context.Context, _, sid string) error {
	e.sids = append(e.sids, sid)
	return e.err
}

func (e *ended) EndBySubject(_ context.Context, _, sub string) error {
	e.subjects = append(e.subjects, sub)
	return e.err
}

func (w *world) inbox(s inbox.Sessions) *inbox.Service {
	return &inbox.Service{Store: w.store, Sessions: s, Issuer: issuer, Now: w.now}
}

func (w *world) event(sub string, seq int64, kind inbox.Kind) inbox.Event {
	return inbox.Event{ID: "e", Issuer: issuer, Subject: sub, Sequence: seq, At: w.now(), Kind: kind}
}

// tell applies an event that must be taken.
func (w *world) tell(e inbox.Event) {
	w.t.Helper()
	last, err := w.inbox(&ended{}).Apply(w.t.Context(), e)
	w.must(err)
	if last != e.Sequence {
		w.t.Fatalf("%s: last is %d", e.Kind, last)
	}
}

func TestEventsAreAppliedOnceAndInOrder(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p := w.person("anna")
		s := &ended{}
		in := w.inbox(s)
		late := w.event("anna", 2, inbox.FactorsReset)
		last, err := in.Apply(t.Context(), late)
		if !errors.Is(err, inbox.ErrGap) || last != 0 || fault.As(err).Args[0] != int64(0) || len(s.subjects) != 0 {
			t.Fatalf("after a gap: %d %v, sessions %v", last, err, s.subjects)
		}
		first := w.event("anna", 1, inbox.EmailChanged)
		first.Email = "new@example.org"
		for range 3 {
			if last, err := in.Apply(t.Context(), first); err != nil || last != 1 {
				t.Fatalf("%d %v", last, err)
			}
		}
		for range 3 {
			if last, err := in.Apply(t.Context(), late); err != nil || last != 2 {
				t.Fatalf("%d %v", last, err)
			}
		}
		if len(s.subjects) != 1 {
			t.Errorf("a repeated event ended sessions %d times", len(s.subjects))
		}
		if n := w.events("account.email_changed"); n != 1 {
			t.Errorf("applied %d times", n)
		}
		got, err := w.people.Get(t.Context(), issuer, "anna")
		if err != nil || got.Email != "new@example.org" || got.ID != p.ID {
			t.Errorf("%+v %v", got, err)
		}
		// Other subjects have numbers of their own.
		w.tell(w.event("boris", 1, inbox.Locked))
	})
}

func TestOneEventDeliveredTwentyTimesAtOnce(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.person("anna")
		for seq := range int64(3) {
			for _, err := range atOnce(20, func(int) error {
				_, err := w.inbox(sessionsDone{}).Apply(context.Background(), w.event("anna", seq+1, inbox.FactorsReset))
				return err
			}) {
				if err != nil && !errors.Is(err, inbox.ErrBusy) {
					t.Error(err)
				}
			}
		}
		if n := w.events("account.factors_reset"); n != 3 {
			t.Fatalf("three events were applied %d times", n)
		}
	})
}

// sessionsDone ends nothing; unlike ended it may be used at once by many.
type sessionsDone struct{}

func (sessionsDone) EndBySID(context.Context, string, string) error     { return nil }
func (sessionsDone) EndBySubject(context.Context, string, string) error { return nil }

func TestWhichSessionsEnd(t *testing.T) {
	w := one(t)
	s := &ended{}
	in := w.inbox(s)
	seq := int64(0)
	for _, tt := range []struct {
		kind inbox.Kind
		sid  string
		sids int
		subs int
	}{
		{inbox.EmailChanged, "", 0, 0}, {inbox.NameChanged, "", 0, 0}, {inbox.Locked, "", 0, 0}, {inbox.SessionEnded, "sid1", 1, 0},
		{inbox.SessionEnded, "", 0, 1}, {inbox.FactorsReset, "", 0, 1}, {inbox.Disabled, "", 0, 1}, {inbox.Erased, "", 0, 1}, {"from_the_future", "", 0, 0},
	} {
		seq++
		s.sids, s.subjects = nil, nil
		e := w.event("anna", seq, tt.kind)
		e.SID = tt.sid
		if _, err := in.Apply(t.Context(), e); err != nil || len(s.sids) != tt.sids || len(s.subjects) != tt.subs {
			t.Errorf("%s: %v %v %v", tt.kind, s.sids, s.subjects, err)
		}
	}
	// A session that could not be ended holds the event back.
	s.err = fault.New(fault.Unavailable, "kv.unavailable")
	if last, err := in.Apply(t.Context(), w.event("boris", 1, inbox.FactorsReset)); fault.KindOf(err) != fault.Unavailable || last != 0 {
		t.Errorf("%d %v", last, err)
	}
	if last, err := w.store.LastEvent(t.Context(), issuer, "boris"); err != nil || last != 0 {
		t.Errorf("the event counts although sessions live: %d %v", last, err)
	}
	for name, e := range map[string]inbox.Event{
		"another issuer": {Issuer: "https://evil.example", Subject: "anna", Sequence: 9}, "no subject": {Issuer: issuer, Sequence: 1}, "no number": {Issuer: issuer, Subject: "x"},
	} {
		if _, err := in.Apply(t.Context(), e); !errors.Is(err, inbox.ErrIssuer) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Without a second factor access rests; the next sign-in with two factors lifts that.
func TestFactorsResetSuspendsGrants(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p, g := w.granted("anna", 90)
		old, _ := w.granted("boris", 1)
		w.pass(2 * day)
		waiting := w.submit(p, form())
		e := w.event("anna", 1, inbox.FactorsReset)
		e.At = time.Time{} // a time that is missing must not make a suspension that does not count
		w.tell(e)
		if s := w.grants(p)[0].Status(w.now()); s != access.Suspended || w.mails(p.Email)["suspended"] != 1 {
			t.Fatalf("%s %v", s, w.mails(p.Email))
		}
		// An approval that asked idp before the event has to ask again.
		c := w.person("elena")
		if _, err := w.access.Decide(t.Context(), c, p, waiting.ID, waiting.Version, access.Decision{Do: access.Approve}, w.strong(), "medium"); !errors.Is(err, access.ErrChanged) {
			t.Errorf("approved over the event: %v", err)
		}
		w.tell(w.event("boris", 1, inbox.FactorsReset))
		if m := w.mails(old.Email); m["suspended"] != 0 {
			t.Errorf("somebody without access was told that it rests: %v", m)
		}
		w.must(w.store.LiftSuspensions(t.Context(), w.now(), p.ID))
		w.must(w.store.LiftSuspensions(t.Context(), w.now(), p.ID))
		if now := w.grants(p)[0]; now.Status(w.now()) != access.Active || !now.EndsAt.Equal(g.EndsAt) || w.events("grants.suspension_lifted") != 1 {
			t.Fatalf("%+v", now)
		}
	})
}

func TestDisabledAndLocked(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p, _ := w.granted("anna", 90)
		w.tell(w.event("anna", 1, inbox.Locked))
		if got, err := w.people.Get(t.Context(), issuer, "anna"); err != nil || got.Status != person.Active || !w.grants(p)[0].Opens(w.now()) {
			t.Fatalf("a pause of password sign-in closed something: %+v %v", got, err)
		}
		w.tell(w.event("anna", 2, inbox.Disabled))
		if _, err := w.people.Get(t.Context(), issuer, "anna"); !errors.Is(err, person.ErrClosed) || w.grants(p)[0].Opens(w.now()) {
			t.Fatalf("%v", err)
		}
		renamed := w.event("anna", 3, inbox.NameChanged)
		renamed.GivenName, renamed.FamilyName = "Anna", "Neu"
		w.tell(renamed)
		// idp lets the person in again: the sign-in shows it.
		if got := w.person("anna"); got.ID != p.ID || got.Status != person.Active {
			t.Fatalf("%+v", got)
		}
	})
}
