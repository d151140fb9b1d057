package storetest

import (
	"context"
	"errors"
	"strings"
	"testing"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/inbox"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/profile"
)

// Erasure while a request is open (domain.md §4.1): a tombstone, nothing open, no free text,
// and the audit trail, which names ids only.
func TestErasureWhileARequestIsOpen(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p, g := w.granted("anna", 90)
		w.must(w.profiles.Save1(t.Context(), p.ID, 0, profile.Page1{Title: "Dr", Phone: "+32 2 123 45 67"}, false))
		open := w.submit(p, form())
		draft, err := w.access.SaveDraft(t.Context(), p, access.Request{Justification: "draft text"})
		w.must(err)
		w.must(w.store.GiveRole(t.Context(), w.now(), issuer, "anna", access.CoordinatorRole, "*"))
		w.tell(w.event("anna", 1, inbox.Erased))

		gone, err := w.store.PersonByID(t.Context(), p.ID)
		if err != nil || gone.Status != person.Erased || gone.Email != "" || gone.Name() != "" || gone.Subject != "anna" {
			t.Fatalf("%+v %v", gone, err)
		}
		for _, id := range []string{open.ID, draft.ID} {
			if r := w.stored(id); r.State != access.Withdrawn || r.Justification+r.SponsorName+r.SponsorEmail+r.Question+r.Answer+r.Reason != "" {
				t.Errorf("%+v", r)
			}
		}
		if r := w.stored(g.RequestID); r.State != access.Approved || r.Justification+r.SponsorEmail != "" {
			t.Errorf("the decision stays, its text does not: %+v", r)
		}
		if s := w.grants(p)[0].Status(w.now()); s != access.Revoked {
			t.Errorf("%s", s)
		}
		if prof, err := w.profiles.Of(t.Context(), p.ID); err != nil || prof.Version != 0 || prof.Phone != "" {
			t.Errorf("%+v %v", prof, err)
		}
		if n := w.count(`SELECT COUNT(*) FROM roles WHERE subject = 'anna'`); n != 0 {
			t.Errorf("%d roles of power are left", n)
		}
		w.pass(90 * day)
		w.tick(w.clock())
		if m := w.mails(p.Email); m["expired"] != 0 {
			t.Errorf("a mail to somebody erased: %v", m)
		}
		w.noNames(p)
	})
}

// noNames asserts that the audit trail names nobody.
func (w *world) noNames(p person.Person) {
	w.t.Helper()
	rows, err := w.db.QueryContext(w.t.Context(), `SELECT actor, subject, object, detail FROM audit_events`)
	w.must(err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var actor, subject, object, detail string
		w.must(rows.Scan(&actor, &subject, &object, &detail))
		if line := actor + subject + object + detail; strings.Contains(line, p.Email) || strings.Contains(line, p.FamilyName) {
			w.t.Errorf("the audit trail names somebody: %s", line)
		}
	}
	w.must(rows.Err())
}

// A tombstone stays one: neither a token made before the erasure, nor a page that was open,
// nor a desk that was, brings anything back.
func TestATombstoneStays(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p, c := w.person("anna"), w.coordinator("elena", "ern-eye")
		open := w.submit(p, form())
		w.tell(w.event("anna", 1, inbox.Erased))
		if _, err := w.people.Ensure(t.Context(), claims("anna")); !errors.Is(err, person.ErrClosed) {
			t.Errorf("signed in again: %v", err)
		}
		if _, err := w.store.PutPerson(t.Context(), p); !errors.Is(err, person.ErrClosed) {
			t.Errorf("a sign-in that read the record before: %v", err)
		}
		if _, err := w.access.SaveDraft(t.Context(), p, form()); !errors.Is(err, person.ErrClosed) {
			t.Errorf("a draft: %v", err)
		}
		if err := w.profiles.Save1(t.Context(), p.ID, 0, profile.Page1{Title: "Dr"}, false); !errors.Is(err, person.ErrClosed) {
			t.Errorf("a profile: %v", err)
		}
		if _, err := w.access.Decide(t.Context(), c, p, open.ID, open.Version, access.Decision{Do: access.Approve}, w.strong(), "medium"); !errors.Is(err, access.ErrState) {
			t.Errorf("approved: %v", err)
		}
		// Somebody who never came here gets a tombstone too.
		w.tell(w.event("zoe", 1, inbox.Erased))
		if _, err := w.people.Ensure(t.Context(), claims("zoe")); !errors.Is(err, person.ErrClosed) {
			t.Errorf("a token from before the erasure opened a record: %v", err)
		}
	})
}

func TestErasureRacesWithEverything(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		c := w.coordinator("elena", "ern-eye")
		for i := range 8 {
			p := w.person(name("p", i))
			open := w.submit(p, form())
			errs := atOnce(5, func(n int) (err error) {
				ctx := context.Background()
				switch n {
				case 0:
					_, err = w.inbox(sessionsDone{}).Apply(ctx, w.event(p.Subject, 1, inbox.Erased))
				case 1:
					_, err = w.people.Ensure(ctx, claims(p.Subject))
				case 2:
					_, err = w.access.SaveDraft(ctx, p, guest())
				case 3:
					err = w.profiles.Save1(ctx, p.ID, 0, profile.Page1{Title: "Dr"}, false)
				case 4:
					_, err = w.access.Decide(ctx, c, p, open.ID, open.Version, access.Decision{Do: access.Approve}, w.strong(), "medium")
				}
				return err
			})
			w.must(errs[0])
			gone, err := w.store.PersonByID(t.Context(), p.ID)
			w.must(err)
			left := w.count(`SELECT COUNT(*) FROM requests WHERE person_id = $1 AND (state IN ('draft', 'submitted', 'more_info') OR justification <> '')`, p.ID) +
				w.count(`SELECT COUNT(*) FROM profiles WHERE person_id = $1`, p.ID) + w.count(`SELECT COUNT(*) FROM grants WHERE person_id = $1 AND revoked_at = 0`, p.ID)
			if gone.Status != person.Erased || gone.Email != "" || left != 0 {
				t.Fatalf("%+v, %d rows are left, %v", gone, left, errs)
			}
		}
	})
}
