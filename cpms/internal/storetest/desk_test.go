package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/proto/kit/fault"
)

func TestAHundredCoordinatorsDecideAtOnce(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p := w.person("anna")
		desk := make([]person.Person, 100)
		for i := range desk {
			desk[i] = w.coordinator(name("c", i), "ern-eye")
		}
		r := w.submit(p, form())
		won, lost := 0, 0
		for _, err := range atOnce(100, func(i int) error {
			d := access.Decision{Do: access.Approve}
			if i%2 == 1 {
				d = access.Decision{Do: access.Reject, Text: "not a member"}
			}
			_, err := w.access.Decide(context.Background(), desk[i], p, r.ID, r.Version, d, w.strong(), "medium")
			return err
		}) {
			switch {
			case err == nil:
				won++
			case errors.Is(err, access.ErrChanged), errors.Is(err, access.ErrState):
				lost++
			default:
				t.Error(err)
			}
		}
		mails := w.mails(p.Email)
		approved := 0
		if w.stored(r.ID).State == access.Approved {
			approved = 1
		}
		if won != 1 || lost != 99 || len(w.grants(p)) != approved || mails["approved"] != approved || mails["approved"]+mails["rejected"] != 1 {
			t.Fatalf("%d decisions, %d conflicts, %d grants, %v", won, lost, len(w.grants(p)), mails)
		}
		if n := w.events("request.approved") + w.events("request.rejected"); n != 1 {
			t.Fatalf("%d decisions in the audit trail", n)
		}
	})
}

func TestRulesOfTheDesk(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		elena, lars, ada := w.coordinator("elena", "ern-eye"), w.coordinator("lars", "ern-lung"), w.coordinator("ada", "*")
		own, anna := w.submit(ada, form()), w.person("anna")
		decide := func(by, of person.Person, r access.Request, d access.Decision, s access.Strength) error {
			_, err := w.access.Decide(t.Context(), by, of, r.ID, r.Version, d, s, "medium")
			return err
		}
		approve := access.Decision{Do: access.Approve}
		for name, tt := range map[string]struct {
			err  error
			want *fault.Error
		}{
			"one's own":               {decide(ada, ada, own, approve, w.strong()), access.ErrOwn},
			"another network's":       {decide(lars, ada, own, approve, w.strong()), access.ErrUnknown},
			"no coordinator":          {decide(anna, ada, own, approve, w.strong()), access.ErrUnknown},
			"another person's name":   {decide(elena, anna, own, approve, w.strong()), access.ErrUnknown},
			"by password alone":       {decide(elena, ada, own, approve, access.Strength{AuthTime: w.now()}), access.ErrLevel},
			"after sixteen minutes":   {decide(elena, ada, own, approve, access.Strength{Medium: true, AuthTime: w.now().Add(-access.Fresh - 1)}), access.ErrLevel},
			"rejected with no reason": {decide(elena, ada, own, access.Decision{Do: access.Reject}, w.strong()), access.ErrInvalid},
			"a requester's command":   {decide(elena, ada, own, access.Decision{Do: access.Withdraw}, w.strong()), access.ErrInvalid},
			"an unknown command":      {decide(elena, ada, own, access.Decision{Do: "delete"}, w.strong()), access.ErrInvalid},
		} {
			if !errors.Is(tt.err, tt.want) {
				t.Errorf("%s: %v", name, tt.err)
			}
		}
		if stale := (access.Request{ID: own.ID, Version: own.Version - 1}); !errors.Is(decide(elena, ada, stale, approve, w.strong()), access.ErrChanged) {
			t.Error("a version that nobody sees any more")
		}
		if r := w.stored(own.ID); r.State != access.Submitted || r.Version != own.Version || len(w.grants(ada)) != 0 {
			t.Fatalf("a refused decision left something: %+v", r)
		}
		draft, err := w.access.SaveDraft(t.Context(), anna, form())
		w.must(err)
		if _, _, err := w.access.ForDesk(t.Context(), ada, draft.ID); !errors.Is(err, access.ErrUnknown) {
			t.Errorf("a draft is nobody else's to see: %v", err)
		}
	})
}

// The way of a request with a question, an answer and a change of mind.
func TestQuestionAnswerWithdrawal(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p, c, eve := w.person("anna"), w.coordinator("elena", "ern-eye"), w.person("eve")
		r := w.submit(p, form())
		w.pass(time.Second)
		asked, err := w.access.Decide(t.Context(), c, p, r.ID, r.Version, access.Decision{Do: access.AskMore, Text: " Which clinic? "}, w.strong(), "medium")
		w.must(err)
		if asked.Question != "Which clinic?" || w.mails(p.Email)["question"] != 1 {
			t.Fatalf("%+v %v", asked, w.mails(p.Email))
		}
		if _, err := w.access.Answer(t.Context(), eve, r.ID, asked.Version, "mine"); !errors.Is(err, access.ErrUnknown) {
			t.Errorf("another person answered: %v", err)
		}
		for _, text := range []string{"", " \n", "\x00", string(make([]rune, 2001))} {
			if _, err := w.access.Answer(t.Context(), p, r.ID, asked.Version, text); !errors.Is(err, access.ErrInvalid) {
				t.Errorf("answer of %d characters: %v", len(text), err)
			}
		}
		w.pass(time.Second)
		answered, err := w.access.Answer(t.Context(), p, r.ID, asked.Version, "The eye clinic")
		w.must(err)
		if answered.State != access.Submitted || w.mails(c.Email)["new_request"] != 2 {
			t.Fatalf("%s %v", answered.State, w.mails(c.Email))
		}
		if _, err := w.access.Withdraw(t.Context(), eve, r.ID, answered.Version); !errors.Is(err, access.ErrUnknown) {
			t.Errorf("another person withdrew: %v", err)
		}
		w.pass(time.Second)
		gone, err := w.access.Withdraw(t.Context(), p, r.ID, answered.Version)
		w.must(err)
		if _, err := w.access.Decide(t.Context(), c, p, r.ID, gone.Version, access.Decision{Do: access.Approve}, w.strong(), "medium"); !errors.Is(err, access.ErrState) {
			t.Errorf("decided after the withdrawal: %v", err)
		}
		if len(w.grants(p)) != 0 || w.mails(p.Email)["withdrawn"] != 1 {
			t.Errorf("%v", w.mails(p.Email))
		}
		steps, err := w.store.Timeline(t.Context(), r.ID)
		if err != nil || len(steps) != 4 || steps[1].Actor != c.ID || steps[1].Detail["acr"] != "medium" {
			t.Errorf("%+v %v", steps, err)
		}
	})
}

func TestWithdrawalRacesWithApproval(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		c := w.coordinator("elena", "ern-eye")
		for i := range 10 {
			p := w.person(name("p", i))
			r := w.submit(p, form())
			errs := atOnce(2, func(i int) (err error) {
				if i == 0 {
					_, err = w.access.Withdraw(context.Background(), p, r.ID, r.Version)
				} else {
					_, err = w.access.Decide(context.Background(), c, p, r.ID, r.Version, access.Decision{Do: access.Approve}, w.strong(), "medium")
				}
				return err
			})
			state, grants := w.stored(r.ID).State, len(w.grants(p))
			if (errs[0] == nil) == (errs[1] == nil) || (state == access.Approved) != (grants == 1) || (state == access.Withdrawn) != (errs[0] == nil) {
				t.Fatalf("%v: %s with %d grants", errs, state, grants)
			}
		}
	})
}

// Before an approval idp is asked again: about an account that is closed nothing is granted,
// and without a second factor the grant begins suspended.
func TestApprovalAsksIDP(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p, c := w.person("anna"), w.coordinator("elena", "ern-eye")
		r := w.submit(p, form())
		approve := func() error {
			_, err := w.access.Decide(t.Context(), c, p, r.ID, r.Version, access.Decision{Do: access.Approve}, w.strong(), "medium")
			return err
		}
		w.idp.err = fault.New(fault.Unavailable, "assurance.unavailable")
		if err := approve(); fault.KindOf(err) != fault.Unavailable {
			t.Fatal(err)
		}
		w.idp.err, w.idp.known = nil, access.Known{SecondFactor: true}
		if err := approve(); !errors.Is(err, access.ErrNotActive) {
			t.Fatal(err)
		}
		if w.stored(r.ID).State != access.Submitted || len(w.grants(p)) != 0 {
			t.Fatal("approved without idp's word")
		}
		w.idp.known = access.Known{Active: true}
		w.must(approve())
		if g := w.grants(p)[0]; g.Status(w.now()) != access.Suspended || g.Opens(w.now()) {
			t.Fatalf("%+v", g)
		}
		w.must(w.store.LiftSuspensions(t.Context(), w.now(), p.ID))
		if g := w.grants(p)[0]; !g.Opens(w.now()) {
			t.Fatalf("%+v", g)
		}
	})
}
