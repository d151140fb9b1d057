package storetest

import (
	"testing"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/inbox"
)

func (w *world) ask(sub string, do access.Action) access.Verdict {
	w.t.Helper()
	e := &access.Evaluator{Store: w.store, Now: w.now}
	v, err := e.Answer(w.t.Context(), access.Question{Issuer: issuer, Subject: sub, Network: "ern-eye", Action: do})
	w.must(err)
	return v
}

// A grant's life as others see it, and the feed beside it: each change once, in its order.
func TestAnswersFollowTheGrant(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		elena := w.coordinator("elena", "ern-eye")
		begin, err := w.store.Position(t.Context())
		w.must(err)
		says := func(when string, want access.Reason) {
			t.Helper()
			if v := w.ask("anna", access.JoinPanel); v.Reason != want || v.Allowed != (want == access.Granted) {
				t.Errorf("%s: %+v, not %s", when, v, want)
			}
		}
		says("never here", access.NoGrant)
		p := w.person("anna")
		says("no request", access.NoGrant)
		r := w.submit(p, form())
		says("submitted", access.NoGrant)
		g := w.approve(elena, p, r)
		says("approved", access.Granted)
		if v := w.ask("anna", access.JoinPanel); !v.Until.Equal(g.EndsAt) {
			t.Errorf("%+v", v)
		}
		w.tell(w.event("anna", 1, inbox.FactorsReset))
		says("no second factor", access.Reason(access.Suspended))
		w.must(w.store.LiftSuspensions(t.Context(), w.now(), p.ID))
		says("signed in with a second factor", access.Granted)
		w.must(w.revoke(elena, w.stored(r.ID), "left"))
		says("taken back", access.Reason(access.Revoked))
		w.pass(time.Minute)
		again := w.approve(elena, p, w.submit(p, form()))
		w.at.Store(again.EndsAt.UnixMicro())
		says("at its end, without a worker", access.Reason(access.Expired))
		w.tick(w.clock())
		w.tell(w.event("anna", 2, inbox.Erased))
		says("erased", access.Closed)
		if v := w.ask("elena", access.DecideRequest); !v.Allowed {
			t.Errorf("a coordinator: %+v", v)
		}

		var got []access.ChangeKind
		at := begin
		for { // in small pieces, as a slow reader would
			list, last, err := w.store.ChangesAfter(t.Context(), at, 2)
			w.must(err)
			if last == at {
				break
			}
			for _, c := range list {
				if c.Seq <= at || c.Subject != "anna" || c.Issuer != issuer || c.Network != "ern-eye" && c.Network != "" || c.At.Before(time.Unix(1, 0)) {
					t.Errorf("%+v", c)
				}
				got = append(got, c.Kind)
			}
			at = last
		}
		want := []access.ChangeKind{access.AccessGiven, access.AccessSuspended, access.AccessResumed, access.AccessEnded, access.AccessGiven, access.AccessEnded, access.AccessErased}
		if len(got) != len(want) {
			t.Fatalf("%v", got)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%d: %s, not %s", i, got[i], want[i])
			}
		}
	})
}

// An operator's word about somebody who was never here is told with the subject that it names.
func TestAnOperatorsWordIsAChange(t *testing.T) {
	w := one(t)
	o := &access.Operator{Store: w.store, Now: w.now}
	w.must(o.GrantRole(t.Context(), issuer, "n00new", access.CoordinatorRole, access.AllNetworks))
	w.must(o.RevokeRole(t.Context(), issuer, "n00new", access.CoordinatorRole, access.AllNetworks))
	list, _, err := w.store.ChangesAfter(t.Context(), 0, 10)
	w.must(err)
	if len(list) != 2 || list[0].Kind != access.AccessGiven || list[1].Kind != access.AccessEnded || list[0].Subject != "n00new" || list[0].Issuer != issuer || list[0].Network != "" {
		t.Errorf("%+v", list)
	}
}
