package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/proto/kit/fault"
)

func TestSubmissionKeepsTheDraftWhenIDPIsDown(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p, c := w.person("anna"), w.coordinator("elena", "ern-eye")
		w.idp.err = fault.New(fault.Unavailable, "assurance.unavailable")
		r, err := w.access.Submit(t.Context(), p, form(), true, w.strong(), "medium")
		if fault.KindOf(err) != fault.Unavailable {
			t.Fatal(err)
		}
		list := w.requests(p)
		if len(list) != 1 || list[0].State != access.Draft || list[0].ID != r.ID || len(w.mails(p.Email))+len(w.mails(c.Email)) != 0 {
			t.Fatalf("%+v", list)
		}
		w.idp.err = nil
		again := form()
		again.ID, again.Version = r.ID, list[0].Version
		done := w.submit(p, again)
		stored := w.stored(done.ID)
		if stored.State != access.Submitted || stored.Assurance != 10 || stored.ACR != "medium" || stored.TermsVersion != "2026-11-23" || !stored.SubmittedAt.Equal(w.now()) {
			t.Fatalf("%+v", stored)
		}
		if w.mails(p.Email)["received"] != 1 || w.mails(c.Email)["new_request"] != 1 {
			t.Fatalf("%v %v", w.mails(p.Email), w.mails(c.Email))
		}
	})
}

// Everything else that keeps a request from being submitted keeps it as a draft, without a
// mail and without an entry in the audit trail.
func TestWhatCannotBeSubmittedStaysADraft(t *testing.T) {
	w := one(t)
	for name, tt := range map[string]struct {
		change   func(*access.Request)
		complete bool
		strength access.Strength
		known    access.Known
		want     *fault.Error
	}{
		"incomplete":         {func(r *access.Request) { r.Terms = false }, true, w.strong(), w.idp.known, access.ErrInvalid},
		"91 days":            {func(r *access.Request) { *r = guest(); r.DurationDays = 0 }, true, w.strong(), w.idp.known, access.ErrInvalid},
		"profile":            {func(*access.Request) {}, false, w.strong(), w.idp.known, access.ErrProfile},
		"password alone":     {func(*access.Request) {}, true, access.Strength{AuthTime: w.now()}, w.idp.known, access.ErrLevel},
		"stale":              {func(*access.Request) {}, true, access.Strength{Medium: true, AuthTime: w.now().Add(-16 * time.Minute)}, w.idp.known, access.ErrLevel},
		"from the future":    {func(*access.Request) {}, true, access.Strength{Medium: true, AuthTime: w.now().Add(time.Hour)}, w.idp.known, access.ErrLevel},
		"closed at idp":      {func(*access.Request) {}, true, w.strong(), access.Known{SecondFactor: true}, access.ErrNotActive},
		"no second factor":   {func(*access.Request) {}, true, w.strong(), access.Known{Active: true}, access.ErrNotActive},
		"no such subject":    {func(*access.Request) {}, true, w.strong(), access.Known{}, access.ErrNotActive},
		"not a member of it": {func(r *access.Request) { r.Network = "ern-lung" }, true, w.strong(), w.idp.known, access.ErrInvalid},
	} {
		p := w.person("p-" + name)
		f := form()
		tt.change(&f)
		w.idp.known = tt.known
		r, err := w.access.Submit(t.Context(), p, f, tt.complete, tt.strength, "medium")
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
		if list := w.requests(p); len(list) != 1 || list[0].State != access.Draft || list[0].ID != r.ID || list[0].Version != r.Version {
			t.Errorf("%s: %+v", name, list)
		}
		if len(w.mails(p.Email)) != 0 {
			t.Errorf("%s: a mail went out", name)
		}
	}
	if n := w.count(`SELECT COUNT(*) FROM audit_events WHERE object <> ''`); n != 0 {
		t.Errorf("%d events about requests", n)
	}
}

func TestDraftsHaveVersionsAndOwners(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p, eve := w.person("anna"), w.person("eve")
		d, err := w.access.SaveDraft(t.Context(), p, access.Request{Network: "ern-eye"})
		w.must(err)
		edit := form()
		edit.ID, edit.Version = d.ID, d.Version
		if _, err := w.access.SaveDraft(t.Context(), eve, edit); !errors.Is(err, access.ErrUnknown) {
			t.Errorf("another person's draft: %v", err)
		}
		saved, err := w.access.SaveDraft(t.Context(), p, edit)
		w.must(err)
		if _, err := w.access.SaveDraft(t.Context(), p, edit); !errors.Is(err, access.ErrChanged) {
			t.Errorf("an older window: %v", err)
		}
		malformed := edit
		malformed.Version, malformed.Justification = saved.Version, "NUL \x00"
		if _, err := w.access.SaveDraft(t.Context(), p, malformed); !errors.Is(err, access.ErrInvalid) {
			t.Errorf("a text that PostgreSQL cannot hold: %v", err)
		}
		for _, id := range []string{"x", "' OR 1=1 --", d.ID + "0"} {
			edit.ID = id
			if _, err := w.access.SaveDraft(t.Context(), p, edit); !errors.Is(err, access.ErrUnknown) {
				t.Errorf("id %q: %v", id, err)
			}
		}
		// A discarded draft is nobody's business: no mail.
		gone, err := w.access.Withdraw(t.Context(), p, d.ID, saved.Version)
		if err != nil || gone.State != access.Withdrawn || len(w.mails(p.Email)) != 0 {
			t.Errorf("%s %v %v", gone.State, err, w.mails(p.Email))
		}
	})
}

func TestOneOpenRequestForEachNetworkAndRole(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p, c := w.person("anna"), w.coordinator("elena", "ern-eye")
		first := w.submit(p, form())
		again := func() error {
			_, err := w.access.Submit(t.Context(), p, form(), true, w.strong(), "medium")
			return err
		}
		err := again()
		if !errors.Is(err, access.ErrDuplicate) || len(fault.As(err).Args) != 1 || fault.As(err).Args[0] != first.ID {
			t.Fatalf("duplicate: %v", err)
		}
		w.submit(p, guest()) // another role is another request
		dispatcher := form()
		dispatcher.Role = access.Dispatcher
		w.submit(p, dispatcher)
		g := w.approve(c, p, first)
		if err := again(); !errors.Is(err, access.ErrHasAccess) {
			t.Fatalf("access that the person has: %v", err)
		}
		w.at.Store(g.EndsAt.Add(-access.Soon).UnixMicro())
		second := w.submit(p, form()) // in its last two weeks it may be asked for again
		if fresh := w.approve(c, p, second); !fresh.EndsAt.After(g.EndsAt) {
			t.Fatalf("%+v", fresh)
		}
		for _, old := range w.grants(p) {
			if old.ID == g.ID && old.Due(g.EndsAt) != access.NoNotice {
				t.Error("the mail \"your access has ended\" waits, though a newer grant goes on")
			}
		}
	})
}

func TestTwentySubmissionsAtOnce(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p := w.person("anna")
		won := 0
		for _, err := range atOnce(20, func(int) error {
			_, err := w.access.Submit(context.Background(), p, form(), true, w.strong(), "medium")
			return err
		}) {
			switch {
			case err == nil:
				won++
			case !errors.Is(err, access.ErrDuplicate):
				t.Error(err)
			}
		}
		if open := w.count(`SELECT COUNT(*) FROM requests WHERE state = 'submitted'`); won != 1 || open != 1 || w.mails(p.Email)["received"] != 1 {
			t.Fatalf("%d won, %d open, %v", won, open, w.mails(p.Email))
		}
	})
}

// Reading is not deciding: without idp a person still reads their own, and only their own.
func TestReadingWithoutIDP(t *testing.T) {
	w := one(t)
	p, eve := w.person("anna"), w.person("eve")
	r := w.submit(p, form())
	if k, ok := w.access.KnownForPages(t.Context(), p); !ok || !k.SecondFactor {
		t.Errorf("%+v %v", k, ok)
	}
	w.idp.err = fault.New(fault.Unavailable, "assurance.unavailable")
	if k, ok := w.access.KnownForPages(t.Context(), p); ok {
		t.Errorf("known from nowhere: %+v", k)
	}
	if got, err := w.access.Own(t.Context(), p, r.ID); err != nil || got.ID != r.ID {
		t.Errorf("%+v %v", got, err)
	}
	if got, err := w.access.Own(t.Context(), eve, r.ID); !errors.Is(err, access.ErrUnknown) || got.ID != "" {
		t.Errorf("%+v %v", got, err)
	}
}
