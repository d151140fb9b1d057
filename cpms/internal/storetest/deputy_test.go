package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/inbox"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/receipt"
	"eulogin.example/proto/kit/fault"
)

// member signs somebody in who has access to ern-eye.
func (w *world) member(sub string, by person.Person) person.Person {
	w.t.Helper()
	p := w.person(sub)
	w.approve(by, p, w.submit(p, form()))
	return p
}

// away is an absence from tomorrow for ten days.
func (w *world) away(deputy person.Person) access.Absence {
	from := w.now().Add(day)
	return access.Absence{Network: "ern-eye", Email: deputy.Email, From: from, Until: from.Add(10 * day)}
}

// A deputy has the desk from the first day to the last, in the coordinator's place, and not a
// moment longer; never about themselves nor about whom they stand in for.
func TestADeputyHasTheDeskMeanwhile(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		elena := w.coordinator("elena", "ern-eye")
		dora, anna := w.member("dora", elena), w.person("anna")
		d, err := w.access.NameDeputy(t.Context(), elena, w.away(dora), w.strong(), "medium")
		w.must(err)
		if w.mails(dora.Email)["deputy_named"] != 1 || w.mails(elena.Email)["deputy_set"] != 1 || w.events("deputy.named") != 1 {
			t.Errorf("%v %v", w.mails(dora.Email), w.mails(elena.Email))
		}
		dispatcher := form()
		dispatcher.Role = access.Dispatcher
		r, own, hers := w.submit(anna, form()), w.submit(dora, dispatcher), w.submit(elena, form())
		if _, err := w.decide(dora, anna, r, approve); !errors.Is(err, access.ErrUnknown) {
			t.Fatalf("before the first day: %v", err)
		}
		w.at.Store(d.From.UnixMicro())
		if _, err := w.decide(dora, dora, own, approve); !errors.Is(err, access.ErrOwn) {
			t.Errorf("about oneself: %v", err)
		}
		if _, err := w.decide(dora, elena, hers, approve); !errors.Is(err, access.ErrOwnAbsent) {
			t.Errorf("about the absent coordinator: %v", err)
		}
		if _, err := w.access.NameDeputy(t.Context(), dora, w.away(anna), w.strong(), "medium"); !errors.Is(err, access.ErrNoDesk) {
			t.Errorf("a deputy names a deputy: %v", err)
		}
		done, err := w.decide(dora, anna, r, approve)
		if err != nil || done.DecidedBy != dora.ID {
			t.Fatalf("%+v %v", done, err)
		}
		proofs, _ := w.access.Proofs(t.Context(), anna, r.ID)
		if got, err := receipt.Verify(proofs[0].JWS, w.receipts.JWKS()); err != nil || got.By != dora.ID || got.For != elena.ID {
			t.Errorf("%+v %v", got, err)
		}
		bert := w.person("bert")
		late := w.submit(bert, form())
		if w.mails(dora.Email)["new_request"] != 1 {
			t.Errorf("the deputy was not told: %v", w.mails(dora.Email))
		}
		w.at.Store(d.Until.UnixMicro())
		if _, err := w.decide(dora, bert, late, approve); !errors.Is(err, access.ErrUnknown) {
			t.Errorf("after the last day: %v", err)
		}
	})
}

// Ended, the deputy is out at once; so is one whose coordinator lost the desk or is gone.
func TestWhatEndsADeputy(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		elena, lars := w.coordinator("elena", "ern-eye"), w.coordinator("lars", "ern-lung")
		dora := w.member("dora", elena)
		desk := func() bool {
			n, err := w.access.Networks(t.Context(), dora)
			w.must(err)
			return len(n) > 0
		}
		name := func() access.Deputy {
			a := w.away(dora)
			a.From = w.now()
			d, err := w.access.NameDeputy(t.Context(), elena, a, w.strong(), "medium")
			w.must(err)
			if !desk() {
				t.Fatal("named and without a desk")
			}
			return d
		}
		d := name()
		if err := w.access.EndDeputy(t.Context(), lars, d.ID, false, "medium"); !errors.Is(err, access.ErrNoDeputy) {
			t.Errorf("somebody else ended it: %v", err)
		}
		w.must(w.access.EndDeputy(t.Context(), elena, d.ID, false, "medium"))
		if desk() || w.mails(dora.Email)["deputy_ended"] != 1 {
			t.Error("ended, and still at the desk")
		}
		if err := w.access.EndDeputy(t.Context(), elena, d.ID, false, "medium"); !errors.Is(err, access.ErrNoDeputy) {
			t.Errorf("ended twice: %v", err)
		}
		d = name()
		w.must(w.access.EndDeputy(t.Context(), dora, d.ID, false, "medium")) // given back
		name()
		if _, err := w.db.ExecContext(t.Context(), `DELETE FROM roles WHERE subject = 'elena'`); err != nil || desk() {
			t.Errorf("the coordinator lost the desk, the deputy has it: %v", err)
		}
		w.must(w.store.GiveRole(t.Context(), w.now(), issuer, "elena", access.CoordinatorRole, "ern-eye"))
		if !desk() {
			t.Error("and has it again")
		}
		w.tell(w.event("elena", 1, inbox.Erased))
		if desk() || w.count(`SELECT COUNT(*) FROM deputies WHERE ended_at = 0`) != 0 {
			t.Error("the coordinator was erased, the deputy has the desk")
		}
	})
}

// What is no absence, and who is no deputy.
func TestDeputiesThatAreRefused(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		elena := w.coordinator("elena", "ern-eye")
		dora, anna := w.member("dora", elena), w.person("anna")
		guested := w.person("gus")
		w.approve(elena, guested, w.submit(guested, guest()))
		name := func(change func(*access.Absence), by person.Person, st access.Strength) error {
			a := w.away(dora)
			change(&a)
			_, err := w.access.NameDeputy(t.Context(), by, a, st, "medium")
			return err
		}
		for what, tt := range map[string]struct {
			err   error
			want  *fault.Error
			field string
		}{
			"another network":      {name(func(a *access.Absence) { a.Network = "ern-lung" }, elena, w.strong()), access.ErrDeputy, "network"},
			"no network":           {name(func(a *access.Absence) { a.Network = "*" }, elena, w.strong()), access.ErrDeputy, "network"},
			"nobody":               {name(func(a *access.Absence) { a.Email = "nobody@example.org" }, elena, w.strong()), access.ErrDeputy, "email"},
			"somebody without":     {name(func(a *access.Absence) { a.Email = anna.Email }, elena, w.strong()), access.ErrDeputy, "email"},
			"a guest":              {name(func(a *access.Absence) { a.Email = guested.Email }, elena, w.strong()), access.ErrDeputy, "email"},
			"oneself":              {name(func(a *access.Absence) { a.Email = elena.Email }, elena, w.strong()), access.ErrDeputy, "email"},
			"yesterday's":          {name(func(a *access.Absence) { a.From = w.now().Add(-2 * day) }, elena, w.strong()), access.ErrDeputy, "from"},
			"no day":               {name(func(a *access.Absence) { a.From = time.Time{} }, elena, w.strong()), access.ErrDeputy, "from"},
			"backwards":            {name(func(a *access.Absence) { a.Until = a.From }, elena, w.strong()), access.ErrDeputy, "until"},
			"for a year":           {name(func(a *access.Absence) { a.Until = a.From.Add(365 * day) }, elena, w.strong()), access.ErrDeputy, "until"},
			"by password alone":    {name(func(*access.Absence) {}, elena, access.Strength{AuthTime: w.now()}), access.ErrLevel, ""},
			"by somebody without":  {name(func(*access.Absence) {}, anna, w.strong()), access.ErrNoDesk, ""},
			"by a member, no desk": {name(func(*access.Absence) {}, dora, w.strong()), access.ErrNoDesk, ""},
		} {
			if !errors.Is(tt.err, tt.want) || tt.field != "" && fault.As(tt.err).Fields[tt.field].Key == "" {
				t.Errorf("%s: %v", what, tt.err)
			}
		}
		won := 0
		for _, err := range atOnce(20, func(int) error {
			_, err := w.access.NameDeputy(context.Background(), elena, w.away(dora), w.strong(), "medium")
			return err
		}) {
			switch {
			case err == nil:
				won++
			case fault.As(err) == nil || fault.As(err).Fields["from"].Key != "deputy.overlap":
				t.Error(err)
			}
		}
		if won != 1 || w.count(`SELECT COUNT(*) FROM deputies`) != 1 {
			t.Errorf("%d deputies at once", won)
		}
	})
}

// A coordinator and their deputy are one pair of eyes.
func TestADeputyIsNoSecondPairOfEyes(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		elena, ada := w.coordinator("elena", "ern-eye"), w.coordinator("ada", "*")
		dora, p := w.member("dora", elena), w.person("anna")
		a := w.away(dora)
		a.From = w.now()
		_, err := w.access.NameDeputy(t.Context(), elena, a, w.strong(), "medium")
		w.must(err)
		once, err := w.decide(dora, p, w.submit(p, power(access.Researcher)), approve)
		w.must(err)
		for _, by := range []person.Person{dora, elena} {
			if _, err := w.decide(by, p, once, approve); !errors.Is(err, access.ErrSecond) {
				t.Errorf("%s: %v", by.Subject, err)
			}
		}
		if done, err := w.decide(ada, p, once, approve); err != nil || done.State != access.Approved {
			t.Errorf("%+v %v", done, err)
		}
	})
}
