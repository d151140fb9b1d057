package storetest

import (
	"context"
	"strings"
	"testing"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/audit"
)

func (w *world) verify(known ...audit.Anchor) (audit.Anchor, error) {
	w.t.Helper()
	head, _, err := w.store.VerifyAudit(w.t.Context(), known)
	return head, err
}

// A hundred people write at once, among them those whose write fails: the chain has no gap
// and no fork.
func TestTheTrailIsOneChainWhoeverWrites(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p := w.person("anna")
		r := w.submit(p, form())
		c := w.coordinator("elena", "ern-eye")
		atOnce(100, func(i int) error {
			if i%2 == 0 {
				_, err := w.people.Ensure(context.Background(), claims(name("p", i)))
				return err
			}
			_, err := w.access.Decide(context.Background(), c, p, r.ID, r.Version, access.Decision{Do: access.Approve}, w.strong(), "medium")
			return err
		})
		head, err := w.verify()
		if err != nil || head.Seq != int64(w.count(`SELECT COUNT(*) FROM audit_events`)) || w.count(`SELECT MAX(seq) FROM audit_events`) != int(head.Seq) {
			t.Fatalf("%v %v", head, err)
		}
		if _, err := w.verify(head); err != nil {
			t.Errorf("the end that was just noted: %v", err)
		}
	})
}

// Whatever is done to the table behind the service's back is found.
func TestTamperingWithTheTrailIsFound(t *testing.T) {
	for name, query := range map[string]string{
		"an event changed":            `UPDATE audit_events SET detail = '{"acr":"high"}' WHERE seq = 2`,
		"its time moved":              `UPDATE audit_events SET at = at + 1 WHERE seq = 1`,
		"an event removed":            `DELETE FROM audit_events WHERE seq = 2`,
		"the last event removed":      `DELETE FROM audit_events WHERE seq = (SELECT MAX(seq) FROM audit_events)`,
		"all events removed":          `DELETE FROM audit_events`,
		"an event put in":             `INSERT INTO audit_events (id, at, actor, subject, action, object, detail) VALUES ('x', 1, 'a', 's', 'request.approved', 'o', '{}')`,
		"an event made older":         `UPDATE audit_events SET seq = 0 WHERE seq = 3`,
		"the end of the chain moved":  `UPDATE audit_head SET seq = seq - 1`,
		"another digest at the end":   `UPDATE audit_head SET digest = 'x'`,
		"the end and the event moved": `UPDATE audit_events SET seq = -1 WHERE seq = (SELECT MAX(seq) FROM audit_events)`,
	} {
		both(t, func(t *testing.T, w *world) {
			for i := range 4 {
				w.submit(w.person(nameOf(i)), form())
			}
			if _, err := w.verify(); err != nil {
				t.Fatal(err)
			}
			_, err := w.db.ExecContext(t.Context(), query)
			w.must(err)
			if _, err := w.verify(); err == nil {
				t.Errorf("%s: nothing was noticed", name)
			}
		})
	}
}

func nameOf(i int) string { return name("p", i) }

// Who cuts the end off and mends the head as well is found by who noted the end.
func TestACutEndIsFoundByWhoNotedIt(t *testing.T) {
	w := one(t)
	for i := range 3 {
		w.submit(w.person(nameOf(i)), form())
	}
	noted, err := w.verify()
	w.must(err)
	for _, q := range []string{
		`DELETE FROM audit_events WHERE seq = (SELECT MAX(seq) FROM audit_events)`,
		`UPDATE audit_head SET seq = seq - 1, digest = (SELECT digest FROM audit_events ORDER BY seq DESC LIMIT 1)`,
	} {
		_, err := w.db.ExecContext(t.Context(), q)
		w.must(err)
	}
	if _, err := w.verify(); err != nil {
		t.Fatalf("the chain itself is whole: %v", err)
	}
	if _, err := w.verify(noted); err == nil || !strings.Contains(err.Error(), "its end was removed") {
		t.Errorf("%v", err)
	}
}

// Who opened a request stands in the person's trail once in a while, not in the timeline.
func TestWhoLookedStandsInThePersonsTrail(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p, c, eve := w.person("anna"), w.coordinator("elena", "ern-eye"), w.person("eve")
		r := w.submit(p, form())
		for range 3 {
			w.must(w.access.Looked(t.Context(), c, r, "medium"))
			w.pass(time.Minute)
		}
		w.pass(access.LookedEvery)
		w.must(w.access.Looked(t.Context(), c, r, "medium"))
		w.pass(time.Second)
		trail, err := w.store.Trail(t.Context(), p.ID, w.now(), 10)
		if err != nil || len(trail) != 2 || trail[0].Action != audit.Viewed || trail[0].Actor != c.ID || trail[0].Detail["acr"] != "medium" || !trail[0].At.After(trail[1].At) {
			t.Fatalf("%+v %v", trail, err)
		}
		if one, err := w.store.Trail(t.Context(), p.ID, trail[0].At, 10); err != nil || len(one) != 1 {
			t.Errorf("the page after: %+v %v", one, err)
		}
		if none, err := w.store.Trail(t.Context(), eve.ID, w.now(), 10); err != nil || len(none) != 0 {
			t.Errorf("another person's trail: %+v %v", none, err)
		}
		if steps, err := w.store.Timeline(t.Context(), r.ID); err != nil || len(steps) != 1 {
			t.Errorf("%+v %v", steps, err)
		}
		w.must(w.access.Looked(t.Context(), p, r, "medium"))
		if trail, _ := w.store.Trail(t.Context(), p.ID, w.now(), 10); len(trail) != 2 {
			t.Error("people who look at their own data are no news to them")
		}
	})
}
