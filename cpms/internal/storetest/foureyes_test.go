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
)

// power is a request for a role that two must approve.
func power(role string) access.Request {
	f := form()
	f.Role = role
	return f
}

func (w *world) decide(by, of person.Person, r access.Request, d access.Decision) (access.Request, error) {
	return w.access.Decide(w.t.Context(), by, of, r.ID, r.Version, d, w.strong(), "medium")
}

var approve = access.Decision{Do: access.Approve}

// Two different coordinators give COORDINATOR and RESEARCHER; what the one does twice, or a
// deputy for them, is one.
func TestTwoPeopleApproveRolesOfPower(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		elena, ada := w.coordinator("elena", "ern-eye"), w.coordinator("ada", "*")
		for i, role := range []string{access.CoordinatorRole, access.Researcher} {
			p := w.person(name("p", i))
			r := w.submit(p, power(role))
			once, err := w.decide(elena, p, r, approve)
			if err != nil || once.State != access.Submitted || once.Version != r.Version+1 || len(w.grants(p)) != 0 || w.mails(p.Email)["approved"] != 0 {
				t.Fatalf("%+v %v", once, err)
			}
			if w.mails(ada.Email)["second_needed"] != i+1 || w.mails(elena.Email)["second_needed"] != 0 {
				t.Errorf("%v %v", w.mails(ada.Email), w.mails(elena.Email))
			}
			if _, err := w.decide(elena, p, once, approve); !errors.Is(err, access.ErrSecond) {
				t.Errorf("the same person twice: %v", err)
			}
			if _, err := w.decide(ada, p, r, approve); !errors.Is(err, access.ErrChanged) {
				t.Errorf("over a version that is gone: %v", err)
			}
			done, err := w.decide(ada, p, once, approve)
			if err != nil || done.State != access.Approved || len(w.grants(p)) != 1 {
				t.Fatalf("%+v %v", done, err)
			}
			proofs, err := w.access.Proofs(t.Context(), p, r.ID)
			w.must(err)
			a, _ := receipt.Verify(proofs[0].JWS, w.receipts.JWKS())
			b, _ := receipt.Verify(proofs[1].JWS, w.receipts.JWKS())
			if a.Decision != "first_approval" || a.By != elena.ID || b.Decision != "approve" || b.By != ada.ID || a.Version+1 != b.Version {
				t.Errorf("%+v\n%+v", a, b)
			}
		}
		// The grant of COORDINATOR is the desk, for as long as it opens.
		p := w.person("p000")
		if n, err := w.access.Networks(t.Context(), p); err != nil || len(n) != 1 || n[0] != "ern-eye" {
			t.Errorf("%v %v", n, err)
		}
		w.at.Store(w.grants(p)[0].EndsAt.UnixMicro())
		if n, err := w.access.Networks(t.Context(), p); err != nil || len(n) != 0 {
			t.Errorf("a desk after the end: %v %v", n, err)
		}
	})
}

// A question, an answer or a rejection undoes a first approval: two approve what they both saw.
func TestAFirstApprovalCountsForItsVersionOnly(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		elena, ada, p := w.coordinator("elena", "ern-eye"), w.coordinator("ada", "*"), w.person("anna")
		r := w.submit(p, power(access.Researcher))
		once, err := w.decide(elena, p, r, approve)
		w.must(err)
		asked, err := w.decide(ada, p, once, access.Decision{Do: access.AskMore, Text: "What for?"})
		w.must(err)
		answered, err := w.access.Answer(t.Context(), p, r.ID, asked.Version, "A registry")
		w.must(err)
		if first, err := w.access.First(t.Context(), answered); err != nil || first != nil {
			t.Fatalf("%+v %v", first, err)
		}
		again, err := w.decide(ada, p, answered, approve)
		if err != nil || again.State != access.Submitted {
			t.Fatalf("%+v %v", again, err)
		}
		done, err := w.decide(elena, p, again, approve)
		if err != nil || done.State != access.Approved {
			t.Fatalf("%+v %v", done, err)
		}
	})
}

// A hundred coordinators approve at once, again and again: one is first, another one second,
// nobody is both, and there is one grant.
func TestAHundredCoordinatorsApproveWhatNeedsTwo(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p := w.person("anna")
		desk := make([]person.Person, 100)
		for i := range desk {
			desk[i] = w.coordinator(name("c", i), "ern-eye")
		}
		r := w.submit(p, power(access.CoordinatorRole))
		for round, want := range []access.State{access.Submitted, access.Approved} {
			at, won := w.stored(r.ID), 0
			for i, err := range atOnce(100, func(i int) error {
				_, err := w.access.Decide(context.Background(), desk[i], p, at.ID, at.Version, approve, w.strong(), "medium")
				return err
			}) {
				switch {
				case err == nil:
					won++
				case errors.Is(err, access.ErrChanged), errors.Is(err, access.ErrState), errors.Is(err, access.ErrSecond):
				default:
					t.Errorf("%d: %v", i, err)
				}
			}
			if got := w.stored(r.ID); won != 1 || got.State != want {
				t.Fatalf("round %d: %d won, %s", round, won, got.State)
			}
		}
		proofs, err := w.access.Proofs(t.Context(), p, r.ID)
		w.must(err)
		a, _ := receipt.Verify(proofs[0].JWS, w.receipts.JWKS())
		b, _ := receipt.Verify(proofs[1].JWS, w.receipts.JWKS())
		if len(proofs) != 2 || a.By == b.By || len(w.grants(p)) != 1 || w.count(`SELECT COUNT(*) FROM approvals`) != 1 {
			t.Fatalf("%d receipts, by %s and %s, %d grants", len(proofs), a.By, b.By, len(w.grants(p)))
		}
	})
}

// What idp tells of the person between two approvals undoes the first.
func TestAResetBetweenTwoApprovals(t *testing.T) {
	w := one(t)
	elena, ada, p := w.coordinator("elena", "ern-eye"), w.coordinator("ada", "*"), w.person("anna")
	once, err := w.decide(elena, p, w.submit(p, power(access.Researcher)), approve)
	w.must(err)
	w.tell(w.event("anna", 1, inbox.FactorsReset))
	if _, err := w.decide(ada, p, once, approve); !errors.Is(err, access.ErrChanged) {
		t.Fatalf("%v", err)
	}
	w.pass(time.Minute)
	if done, err := w.decide(ada, p, w.stored(once.ID), approve); err != nil || done.State != access.Submitted {
		t.Fatalf("%+v %v", done, err)
	}
}
