package storetest

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"testing"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/jobs"
	"eulogin.example/cpms/internal/person"
)

const day = 24 * time.Hour

func (w *world) clock() *jobs.Jobs {
	return &jobs.Jobs{Store: w.store, Now: w.now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), BaseURL: "https://cpms.example", Every: time.Minute}
}

// tick runs two workers at once, as two processes do.
func (w *world) tick(j *jobs.Jobs) {
	w.t.Helper()
	for _, err := range atOnce(2, func(int) error { return j.Grants(context.Background()) }) {
		w.must(err)
	}
}

// granted approves a guest's request for so many days.
func (w *world) granted(sub string, days int) (person.Person, access.Grant) {
	w.t.Helper()
	p, c, f := w.person(sub), w.coordinator("elena", "ern-eye"), guest()
	f.DurationDays = days
	return p, w.approve(c, p, w.submit(p, f))
}

// A guest's ninety days with two workers: warnings at fourteen and three days and the word at
// the end, each once.
func TestNinetyDaysOfAGuest(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p, g := w.granted("anna", 90)
		told := map[int]map[string]int{}
		for n := range 93 {
			if s := w.grants(p)[0].Status(w.now()); (n < 90) != (s != access.Expired) || (n < 76) != (s == access.Active) {
				t.Fatalf("day %d: %s", n, s)
			}
			w.tick(w.clock())
			told[n] = w.mails(p.Email)
			w.pass(day)
		}
		if told[75]["expiring"] != 0 || told[76]["expiring"] != 1 || told[86]["expiring"] != 1 || told[87]["expiring"] != 2 || told[89]["expired"] != 0 || told[90]["expired"] != 1 || told[92]["expiring"]+told[92]["expired"] != 3 {
			t.Fatalf("%v", told)
		}
		if w.events("grant.expiring") != 2 || w.events("grant.expired") != 1 || !w.grants(p)[0].EndsAt.Equal(g.EndsAt) {
			t.Fatal("events")
		}
	})
}

// The end does not hang on a worker: on day 91 there is no access although none ever ran, and
// one that starts then says only what is still true.
func TestNoWorkerForNinetyOneDays(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p, _ := w.granted("anna", 90)
		w.pass(90 * day)
		if g := w.grants(p)[0]; g.Opens(w.now()) || g.Status(w.now()) != access.Expired {
			t.Fatalf("%+v", g)
		}
		w.tick(w.clock())
		w.tick(w.clock())
		if m := w.mails(p.Email); m["expired"] != 1 || m["expiring"] != 0 {
			t.Fatalf("%v", m)
		}
	})
}

// The store's question "which grants call for a notice" and the rule are the same, for every
// length of a grant, at every moment, whatever was told before.
func TestDueInTheStoreIsDueInTheRule(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		var people []person.Person
		for i, days := range []int{1, 3, 4, 14, 15, 90} {
			p, _ := w.granted(name("p", i), days)
			people = append(people, p)
		}
		for range 35 {
			for _, shift := range []time.Duration{-time.Microsecond, time.Microsecond, time.Hour} {
				w.pass(shift)
				due, err := w.store.DueGrants(t.Context(), w.now(), 100)
				w.must(err)
				for _, p := range people {
					g := w.grants(p)[0]
					asked := slices.ContainsFunc(due, func(d access.Grant) bool { return d.ID == g.ID })
					if want := g.Due(w.now()) != access.NoNotice; asked != want {
						t.Fatalf("%s of %s at %s: store %v, rule %v", g.EndsAt.Sub(g.StartsAt), g.StartsAt, w.now(), asked, want)
					}
				}
			}
			if w.now().Day()%2 == 0 {
				w.tick(w.clock())
			}
			w.pass(3*day - time.Hour)
		}
		for i, p := range people {
			if m := w.mails(p.Email); m["expired"] != 1 || m["expiring"] > 2 {
				t.Errorf("%d: %v", i, m)
			}
		}
	})
}

// Short guest access is not warned of at once: the approval has just told its end.
func TestShortAccessIsNotWarnedAtOnce(t *testing.T) {
	w := one(t)
	p, _ := w.granted("anna", 3)
	q, _ := w.granted("boris", 14)
	w.tick(w.clock())
	if len(w.mails(p.Email))+len(w.mails(q.Email)) != 4 { // received and approved, twice
		t.Fatalf("%v %v", w.mails(p.Email), w.mails(q.Email))
	}
}

// Grants that call for nothing any more do not stand in the way of those that do.
func TestRevokedGrantsDoNotStarveTheOthers(t *testing.T) {
	w := one(t)
	p, last := w.granted("anna", 90)
	for i := range 450 {
		_, err := w.db.ExecContext(t.Context(), `INSERT INTO grants (id, person_id, request_id, network, role, hospital, starts_at, ends_at, suspended_at, revoked_at, warned_14, warned_3, closed)
			SELECT $1, person_id, $1, network, role, hospital, starts_at, ends_at - 1, 0, CASE WHEN $2 < 225 THEN 1 ELSE 0 END, FALSE, FALSE, FALSE FROM grants WHERE id = $3`, name("g", i), i, last.ID)
		w.must(err)
	}
	w.pass(90 * day)
	w.must(w.clock().Grants(t.Context()))
	if n := w.mails(p.Email)["expired"]; n != 226 {
		t.Fatalf("%d of 226 were told", n)
	}
}

// A draft that nobody touches goes; one that is touched stays, and so does what was submitted.
func TestOldDraftsGo(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p := w.person("anna")
		w.submit(p, form())
		old, err := w.access.SaveDraft(t.Context(), p, access.Request{Network: "ern-lung"})
		w.must(err)
		touched, err := w.access.SaveDraft(t.Context(), p, access.Request{Network: "ern-rnd"})
		w.must(err)
		w.pass(jobs.DraftLife)
		w.must(w.clock().Drafts(t.Context()))
		if len(w.requests(p)) != 3 {
			t.Fatal("too early")
		}
		_, err = w.access.SaveDraft(t.Context(), p, touched)
		w.must(err)
		w.pass(time.Microsecond)
		w.must(w.clock().Drafts(t.Context()))
		for _, r := range w.requests(p) {
			if r.ID == old.ID {
				t.Error("the old draft is still there")
			}
		}
		if len(w.requests(p)) != 2 {
			t.Errorf("%d left", len(w.requests(p)))
		}
	})
}

// Run works at once and then on, until it is told to stop.
func TestTheClockRuns(t *testing.T) {
	w := one(t)
	p, _ := w.granted("anna", 90)
	w.pass(90 * day)
	j := w.clock()
	j.Every = time.Millisecond
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- j.Run(ctx) }()
	for deadline := time.Now().Add(10 * time.Second); w.mails(p.Email)["expired"] == 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("nothing happened")
		}
	}
	stop()
	if err := <-done; err != nil || w.mails(p.Email)["expired"] != 1 {
		t.Fatalf("%v %v", err, w.mails(p.Email))
	}
}
