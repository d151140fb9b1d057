package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/receipt"
	"eulogin.example/cpms/internal/signoff"
)

// signoffs gives who is to be signed out everywhere, and why.
func (w *world) signoffs() (out []signoff.Message) {
	w.t.Helper()
	rows, err := w.db.QueryContext(w.t.Context(), `SELECT payload FROM outbox WHERE kind = $1`, signoff.OutboxKind)
	w.must(err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var raw []byte
		w.must(rows.Scan(&raw))
		m, err := signoff.Decode(raw)
		w.must(err)
		out = append(out, m)
	}
	w.must(rows.Err())
	return out
}

func (w *world) revoke(by person.Person, r access.Request, reason string) error {
	return w.access.Revoke(w.t.Context(), by, r.ID, r.Version, reason, w.strong(), "medium")
}

// Taking back: the grant, the mail with the reason, the receipt, the event and the order to
// sign the person out, all at once; and the desk that a role gave is gone.
func TestAccessIsTakenBack(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		elena, other, p := w.coordinator("elena", "ern-eye"), w.coordinator("other", "ern-bond"), w.person("anna")
		g := w.approve(elena, p, w.submit(p, form()))
		r := w.stored(g.RequestID)
		if err := w.revoke(other, r, "left"); !errors.Is(err, access.ErrUnknown) {
			t.Errorf("another network's coordinator: %v", err)
		}
		if err := w.access.Revoke(t.Context(), elena, r.ID, r.Version-1, "left", w.strong(), "medium"); !errors.Is(err, access.ErrChanged) {
			t.Errorf("over a version that is gone: %v", err)
		}
		if len(w.signoffs()) != 0 || !w.grants(p)[0].Opens(w.now()) {
			t.Fatal("a refusal changed something")
		}
		w.must(w.revoke(elena, r, " Left the hospital. "))
		got := w.grants(p)[0]
		if got.Status(w.now()) != access.Revoked || got.RevokedBy != elena.ID || got.RevokedReason != "Left the hospital." {
			t.Errorf("%+v", got)
		}
		if out := w.signoffs(); len(out) != 1 || out[0] != (signoff.Message{Issuer: issuer, Subject: "anna", Reason: signoff.AccessRevoked}) {
			t.Errorf("%+v", out)
		}
		proofs, err := w.access.Proofs(t.Context(), p, r.ID)
		w.must(err)
		last, err := receipt.Verify(proofs[len(proofs)-1].JWS, w.receipts.JWKS())
		if err != nil || last.Decision != "revoke" || last.By != elena.ID || last.Subject != p.ID || last.Version != r.Version {
			t.Errorf("%+v %v", last, err)
		}
		if w.mails(p.Email)["revoked"] != 1 || w.events("grant.revoked") != 1 {
			t.Errorf("%v", w.mails(p.Email))
		}
		if err := w.revoke(elena, w.stored(r.ID), "again"); !errors.Is(err, access.ErrNoGrant) {
			t.Errorf("twice: %v", err)
		}
		w.tick(w.clock())
		w.pass(400 * day)
		w.tick(w.clock())
		if w.mails(p.Email)["expired"]+w.mails(p.Email)["expiring"] != 0 {
			t.Errorf("notices of access that was taken back: %v", w.mails(p.Email))
		}
		w.submit(p, form()) // nothing is in the way of asking again
	})
}

// An operator takes access back when nobody at the desk can: the same happens, without a receipt.
func TestAnOperatorTakesAccessBack(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		elena, p := w.coordinator("elena", "ern-eye"), w.person("anna")
		g := w.approve(elena, p, w.submit(p, form()))
		revoke := func(reason string) error {
			return access.RevokeByOperator(t.Context(), w.store, w.now(), g.RequestID, reason, "https://cpms.example/screen/home")
		}
		if err := revoke(" "); !errors.Is(err, access.ErrInvalid) {
			t.Errorf("without a reason: %v", err)
		}
		w.must(revoke("An incident."))
		if got := w.grants(p)[0]; got.Status(w.now()) != access.Revoked || got.RevokedBy != "" || got.RevokedReason != "An incident." {
			t.Errorf("%+v", got)
		}
		if n := w.count(`SELECT COUNT(*) FROM audit_events WHERE action = 'grant.revoked' AND actor = 'operator'`); n != 1 || len(w.signoffs()) != 1 || w.mails(p.Email)["revoked"] != 1 {
			t.Errorf("%d events, %d orders, %v", n, len(w.signoffs()), w.mails(p.Email))
		}
		if err := revoke("again"); !errors.Is(err, access.ErrNoGrant) {
			t.Errorf("twice: %v", err)
		}
	})
}

// A hundred take the same access back at once: one does.
func TestAHundredTakeAccessBack(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p := w.person("anna")
		desk := make([]person.Person, 100)
		for i := range desk {
			desk[i] = w.coordinator(name("c", i), "ern-eye")
		}
		r := w.stored(w.approve(desk[0], p, w.submit(p, form())).RequestID)
		won := 0
		for i, err := range atOnce(100, func(i int) error {
			return w.access.Revoke(context.Background(), desk[i], r.ID, r.Version, "left", w.strong(), "medium")
		}) {
			switch {
			case err == nil:
				won++
			case errors.Is(err, access.ErrChanged), errors.Is(err, access.ErrNoGrant):
			default:
				t.Errorf("%d: %v", i, err)
			}
		}
		if won != 1 || len(w.signoffs()) != 1 || w.mails(p.Email)["revoked"] != 1 || w.events("grant.revoked") != 1 {
			t.Errorf("%d won, %d orders, %v", won, len(w.signoffs()), w.mails(p.Email))
		}
	})
}

// The holder gives access back alone, without a second factor; nobody else can.
func TestAccessIsGivenBack(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		elena, p, other := w.coordinator("elena", "ern-eye"), w.person("anna"), w.person("other")
		g := w.approve(elena, p, w.submit(p, form()))
		if err := w.access.GiveBack(t.Context(), other, g.ID, "basic"); !errors.Is(err, access.ErrUnknown) {
			t.Errorf("somebody else's: %v", err)
		}
		w.must(w.access.GiveBack(t.Context(), p, g.ID, "basic"))
		if got := w.grants(p)[0]; got.Status(w.now()) != access.Revoked || got.RevokedBy != p.ID || got.RevokedReason != "" {
			t.Errorf("%+v", got)
		}
		if out := w.signoffs(); len(out) != 1 || out[0].Reason != signoff.AccessGivenBack || w.mails(elena.Email)["given_back"] != 1 || w.events("grant.given_back") != 1 {
			t.Errorf("%+v %v", out, w.mails(elena.Email))
		}
		if err := w.access.GiveBack(t.Context(), p, g.ID, "basic"); !errors.Is(err, access.ErrNoGrant) {
			t.Errorf("twice: %v", err)
		}
	})
}

// A guest's second ninety days: asked for in the last two weeks from what was said before,
// confirmed and decided anew; the first grant opens until the second does, and says no goodbye.
func TestAccessIsExtended(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p, g := w.granted("anna", 90)
		elena := w.person("elena")
		if _, err := w.access.Extension(t.Context(), p, g.ID); !errors.Is(err, access.ErrNoGrant) {
			t.Errorf("on the first day: %v", err)
		}
		w.pass(80 * day)
		draft, err := w.access.Extension(t.Context(), p, g.ID)
		w.must(err)
		again, err := w.access.Extension(t.Context(), p, g.ID)
		if err != nil || again.ID != draft.ID {
			t.Errorf("a second draft: %v %v", again.ID, err)
		}
		if draft.State != access.Draft || draft.Declaration || draft.Terms || draft.SponsorEmail != "elena@example.org" || draft.DurationDays != 90 {
			t.Errorf("%+v", draft)
		}
		draft.Declaration, draft.Terms = true, true
		r := w.submit(p, draft)
		next := w.approve(elena, p, r)
		if next.Extends != g.ID || next.Status(w.now()) != access.Extended || !next.Opens(w.now()) || w.mails(p.Email)["extended"] != 1 || w.mails(p.Email)["approved"] != 1 {
			t.Errorf("%+v %v", next, w.mails(p.Email))
		}
		w.pass(11 * day)
		w.tick(w.clock())
		if w.mails(p.Email)["expired"] != 0 || len(w.signoffs()) != 0 {
			t.Errorf("a goodbye although it goes on: %v", w.mails(p.Email))
		}
		w.must(w.revoke(elena, w.stored(r.ID), "enough"))
		for _, g := range w.grants(p) {
			if g.Opens(w.now()) {
				t.Errorf("%+v still opens", g)
			}
		}
	})
}

// The end of access signs the person out, once, with two workers.
func TestTheEndSignsOut(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.granted("anna", 10)
		w.pass(10 * day)
		w.tick(w.clock())
		w.tick(w.clock())
		if out := w.signoffs(); len(out) != 1 || out[0].Subject != "anna" || out[0].Reason != signoff.AccessExpired {
			t.Errorf("%+v", out)
		}
	})
}

// One coordinator takes access back while another approves more of it: whatever comes first,
// the person is left with access only if the approval came after, over what it had seen.
func TestAnExtensionRacesWithARevocation(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		elena, ada := w.coordinator("elena", "ern-eye"), w.coordinator("ada", "*")
		for i := range 20 {
			p := w.person(name("p", i))
			f := guest()
			f.DurationDays = 10
			g := w.approve(elena, p, w.submit(p, f))
			draft, err := w.access.Extension(t.Context(), p, g.ID)
			w.must(err)
			draft.Declaration, draft.Terms = true, true
			r, before := w.submit(p, draft), w.stored(g.RequestID)
			out := atOnce(2, func(i int) error {
				if i == 0 {
					return w.access.Revoke(context.Background(), elena, before.ID, before.Version, "left", w.strong(), "medium")
				}
				_, err := w.access.Decide(context.Background(), ada, p, r.ID, r.Version, approve, w.strong(), "medium")
				return err
			})
			w.must(out[0])
			for _, g := range w.grants(p) {
				if g.Opens(w.now().Add(time.Second)) && g.Extends != "" {
					t.Fatalf("extended past its end: %+v, approval %v", g, out[1])
				}
			}
			if out[1] != nil && !errors.Is(out[1], access.ErrChanged) {
				t.Fatal(out[1])
			}
		}
	})
}
