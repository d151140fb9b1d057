package storetest

import (
	"errors"
	"testing"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/inbox"
	"eulogin.example/cpms/internal/terms"
	"eulogin.example/proto/kit/fault"
)

// Accepted once is accepted, until a newer edition comes into force; then nothing is submitted
// before that one is, also no draft that was ticked before.
func TestTermsAreAcceptedAgain(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		old, now := terms.Editions[0], terms.Editions[1]
		w.at.Store(now.From.Add(-time.Hour).UnixMicro())
		p := w.person("anna")
		first, second := form(), guest()
		first.TermsVersion, second.TermsVersion = old.ID, old.ID
		r := w.submit(p, first)
		if r.TermsVersion != old.ID {
			t.Errorf("%+v", r)
		}
		accepted := w.now()
		w.pass(time.Minute)
		second.Terms = false // accepted before: no tick is asked for
		draft, err := w.access.SaveDraft(t.Context(), p, second)
		w.must(err)
		third := lung()
		third.TermsVersion = old.ID
		ticked, err := w.access.SaveDraft(t.Context(), p, third)
		w.must(err)
		done := w.submit(p, draft)
		if _, a, ok, err := w.access.Terms(t.Context(), p); err != nil || !ok || !a.At.Equal(accepted) || !done.Terms {
			t.Errorf("%+v %v %v", a, ok, err)
		}
		if w.events("terms.accepted") != 1 {
			t.Errorf("%d events", w.events("terms.accepted"))
		}
		w.at.Store(now.From.UnixMicro())
		refused, err := w.access.Submit(t.Context(), p, ticked, true, w.strong(), "medium")
		if e := fault.As(err); !errors.Is(err, access.ErrInvalid) || len(e.Fields) != 1 || e.Fields["terms"].Key == "" {
			t.Fatalf("ticked beside an older edition: %v", err)
		}
		if s := w.stored(ticked.ID); s.State != access.Draft {
			t.Errorf("%s", s.State)
		}
		refused.Terms, refused.TermsVersion = true, "never"
		refused, err = w.access.Submit(t.Context(), p, refused, true, w.strong(), "medium")
		if !errors.Is(err, access.ErrInvalid) {
			t.Fatalf("ticked beside nothing: %v", err)
		}
		refused.Terms, refused.TermsVersion = true, now.ID
		if r := w.submit(p, refused); r.TermsVersion != now.ID {
			t.Errorf("%+v", r)
		}
		list, err := w.store.AcceptancesOf(t.Context(), p.ID)
		if err != nil || len(list) != 2 || list[1].Edition != now.ID || !list[1].At.Equal(w.now()) || w.events("terms.accepted") != 2 {
			t.Errorf("%+v %v", list, err)
		}
		w.tell(w.event("anna", 1, inbox.Erased))
		if n := w.count(`SELECT COUNT(*) FROM terms_accepted`); n != 0 {
			t.Errorf("%d acceptances are left", n)
		}
	})
}
