package storetest

import (
	"context"
	"errors"
	"strings"
	"testing"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/inbox"
	"eulogin.example/cpms/internal/notify"
)

// sponsor is the address that guest requests name.
const sponsor = "elena@example.org"

// link gives the token of the newest mail that asks the sponsor.
func (w *world) link() (token string) {
	w.t.Helper()
	rows, err := w.db.QueryContext(w.t.Context(), `SELECT payload FROM outbox ORDER BY created_at, id`)
	w.must(err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var raw []byte
		w.must(rows.Scan(&raw))
		if m, err := notify.Decode(raw); err == nil && m.Kind == "reference" && m.To == sponsor {
			token = strings.TrimPrefix(m.Link, "https://cpms.example/referee/")
		}
	}
	w.must(rows.Err())
	return token
}

// A sponsor says yes by the link of a mail: once, and the desk reads it. The link itself is
// kept nowhere.
func TestASponsorConfirms(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p, c := w.person("anna"), w.coordinator("coord", "ern-eye")
		r := w.submit(p, guest())
		token := w.link()
		if len(token) != 43 || w.count(`SELECT COUNT(*) FROM request_references WHERE digest = $1`, token) != 0 {
			t.Fatalf("%q", token)
		}
		for _, wrong := range []string{"", "x", token + "x", strings.ToLower(token)} {
			if err := w.access.AnswerReference(t.Context(), wrong, access.Vouch, ""); !errors.Is(err, access.ErrNoReference) {
				t.Errorf("%q: %v", wrong, err)
			}
		}
		w.must(w.access.AnswerReference(t.Context(), token, access.Vouch, " I know her. "))
		f, err := w.store.ReferenceOf(t.Context(), r.ID)
		w.must(err)
		if f.Answer != access.Vouch || f.Words != "I know her." || !f.AnsweredAt.Equal(w.now()) || w.mails(p.Email)["reference_given"] != 1 || w.events("request.vouch") != 1 {
			t.Errorf("%+v %v", f, w.mails(p.Email))
		}
		if err := w.access.AnswerReference(t.Context(), token, access.Decline, ""); !errors.Is(err, access.ErrReferenceOver) {
			t.Errorf("twice: %v", err)
		}
		if _, err := w.decide(c, p, r, approve); !errors.Is(err, access.ErrChanged) {
			t.Errorf("over what stood before the answer: %v", err)
		}
		if _, err := w.decide(c, p, w.stored(r.ID), approve); err != nil {
			t.Error(err)
		}
	})
}

// A no is told to the desk and forbids nothing, unless the operator demands a yes.
func TestASponsorDeclines(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p, c := w.person("anna"), w.coordinator("coord", "ern-eye")
		r := w.submit(p, guest())
		w.access.RefereeRequired = true
		if _, err := w.decide(c, p, r, approve); !errors.Is(err, access.ErrUnconfirmed) {
			t.Errorf("before an answer: %v", err)
		}
		w.must(w.access.AnswerReference(t.Context(), w.link(), access.Decline, "I do not know her."))
		if w.mails(c.Email)["reference_declined"] != 1 || w.mails(p.Email)["reference_given"] != 0 {
			t.Errorf("%v %v", w.mails(c.Email), w.mails(p.Email))
		}
		if _, err := w.decide(c, p, w.stored(r.ID), approve); !errors.Is(err, access.ErrUnconfirmed) {
			t.Errorf("after a no: %v", err)
		}
		b := w.choose(c, access.Approve, w.stored(r.ID))
		if got := w.carry(c, b, "")[r.ID]; got != access.ErrUnconfirmed.Code {
			t.Errorf("among several: %q", got)
		}
		w.access.RefereeRequired = false
		if _, err := w.decide(c, p, w.stored(r.ID), approve); err != nil {
			t.Error(err)
		}
	})
}

// A hundred open the link at once and answer: one answer counts.
func TestAHundredAnswersToOneLink(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p := w.person("anna")
		r := w.submit(p, guest())
		token, won := w.link(), 0
		for i, err := range atOnce(100, func(i int) error {
			return w.access.AnswerReference(context.Background(), token, map[bool]access.Command{true: access.Vouch, false: access.Decline}[i%2 == 0], "")
		}) {
			switch {
			case err == nil:
				won++
			case errors.Is(err, access.ErrReferenceOver), errors.Is(err, access.ErrChanged):
			default:
				t.Errorf("%d: %v", i, err)
			}
		}
		if won != 1 || w.events("request.vouch")+w.events("request.decline") != 1 || w.stored(r.ID).Version != r.Version+1 {
			t.Errorf("%d won", won)
		}
	})
}

// The link dies with the request, and goes with the person.
func TestALinkDiesWithItsRequest(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p := w.person("anna")
		r := w.submit(p, guest())
		token := w.link()
		_, err := w.access.Withdraw(t.Context(), p, r.ID, r.Version)
		w.must(err)
		if err := w.access.AnswerReference(t.Context(), token, access.Vouch, ""); !errors.Is(err, access.ErrReferenceOver) {
			t.Errorf("withdrawn: %v", err)
		}
		w.submit(p, guest())
		token = w.link()
		w.pass(access.ReferenceLife)
		if err := w.access.AnswerReference(t.Context(), token, access.Vouch, ""); !errors.Is(err, access.ErrReferenceOver) {
			t.Errorf("after 30 days: %v", err)
		}
		w.tell(w.event("anna", 1, inbox.Erased))
		if n := w.count(`SELECT COUNT(*) FROM request_references`); n != 0 {
			t.Errorf("%d are left of an erased person", n)
		}
		if err := w.access.AnswerReference(t.Context(), token, access.Vouch, ""); !errors.Is(err, access.ErrNoReference) {
			t.Errorf("erased: %v", err)
		}
	})
}
