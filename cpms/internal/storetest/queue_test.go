package storetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/inbox"
	"eulogin.example/cpms/internal/person"
)

// lung is a request to another network, from another country.
func lung() access.Request {
	f := form()
	f.Network, f.Country, f.Hospital = "ern-lung", "AT", "at-01"
	return f
}

func (w *world) named(sub, given, family string) person.Person {
	w.t.Helper()
	c := claims(sub)
	c.GivenName, c.FamilyName = given, family
	p, err := w.people.Ensure(w.t.Context(), c)
	w.must(err)
	return p
}

// found gives the subjects of the people whose requests a filter finds, in its order.
func (w *world) found(by person.Person, f access.Filter) string {
	w.t.Helper()
	q, err := w.access.Queue(w.t.Context(), by, f)
	w.must(err)
	var out []string
	for _, r := range q.Rows {
		p, err := w.store.PersonByID(w.t.Context(), r.PersonID)
		w.must(err)
		out = append(out, p.Subject)
	}
	return strings.Join(out, " ")
}

// The queue shows one's own networks, the oldest first; every filter narrows it and none
// widens it.
func TestTheFiltersOfTheQueue(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		eye, pneu, all := w.coordinator("elena", "ern-eye"), w.coordinator("lars", "ern-lung"), w.coordinator("ada", "*")
		anna := w.submit(w.named("anna", "Anna", "Kovářová"), form())
		w.pass(time.Hour)
		w.submit(w.named("bert", "Bert", "O'Brien"), lung())
		w.pass(30 * time.Hour)
		w.submit(w.named("cleo", "Cleo", "Groß"), guest())
		w.pass(time.Hour)
		dora := w.named("dora", "Dora", "Kovarik")
		w.approve(eye, dora, w.submit(dora, form()))
		for _, tt := range []struct {
			by   person.Person
			f    access.Filter
			want string
		}{
			{eye, access.Filter{}, "anna cleo"},
			{eye, access.Filter{State: access.OpenStates}, "anna cleo"},
			{pneu, access.Filter{}, "bert"},
			{all, access.Filter{}, "anna bert cleo"},
			{all, access.Filter{Network: "ern-lung"}, "bert"},
			{eye, access.Filter{Network: "ern-lung"}, ""},
			{eye, access.Filter{Network: "*"}, ""},
			{eye, access.Filter{Network: "' OR '1'='1"}, ""},
			{eye, access.Filter{State: "approved"}, "dora"},
			{pneu, access.Filter{State: "approved"}, ""},
			{eye, access.Filter{State: "draft"}, ""},
			{eye, access.Filter{State: "nonsense"}, ""},
			{eye, access.Filter{Role: access.GuestUser}, "cleo"},
			{all, access.Filter{Age: 24 * time.Hour}, "anna bert"},
			{all, access.Filter{Text: "kovarova"}, "anna"},
			{all, access.Filter{Text: "KOVÁŘ"}, "anna"},
			{all, access.Filter{Text: "kovar", State: "approved"}, "dora"},
			{all, access.Filter{Text: "anna kov"}, "anna"},
			{all, access.Filter{Text: "anna obrien"}, ""},
			{all, access.Filter{Text: "O’brien"}, "bert"},
			{pneu, access.Filter{Text: "anna"}, ""},
			{all, access.Filter{Text: "gross"}, "cleo"},
			{all, access.Filter{Text: "wien"}, "bert"},
			{all, access.Filter{Text: anna.ID}, "anna"},
			{pneu, access.Filter{Text: anna.ID}, ""},
			{all, access.Filter{Text: "%"}, ""},
			{all, access.Filter{Text: "a\x00b"}, ""},
			{all, access.Filter{Text: strings.Repeat("a", 101)}, ""},
		} {
			if got := w.found(tt.by, tt.f); got != tt.want {
				t.Errorf("%s with %+v: %q, want %q", tt.by.Subject, tt.f, got, tt.want)
			}
		}
		c, err := w.access.Counts(t.Context(), all)
		if err != nil || c.All != 3 || c.Submitted != 3 || c.MoreInfo != 0 || c.Late != 2 || c.Networks["ern-eye"] != 2 || c.Networks["ern-lung"] != 1 {
			t.Errorf("%+v %v", c, err)
		}
		if c, err := w.access.Counts(t.Context(), pneu); err != nil || c.All != 1 {
			t.Errorf("%+v %v", c, err)
		}
		if _, err := w.access.Queue(t.Context(), dora, access.Filter{}); !errors.Is(err, access.ErrNoDesk) {
			t.Errorf("somebody without a desk: %v", err)
		}
	})
}

// Page by page everything comes once, also when something is decided on the way and when
// several wait since the same moment.
func TestThePagesOfTheQueue(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		c := w.coordinator("ada", "*")
		const n = 60
		for i := range n {
			f := form()
			if i%2 == 0 {
				f = lung()
			}
			w.submit(w.person(name("p", i)), f)
			if i%7 == 0 {
				w.pass(time.Second)
			}
		}
		seen, f := map[string]bool{}, access.Filter{}
		for page := 0; ; page++ {
			q, err := w.access.Queue(t.Context(), c, f)
			w.must(err)
			for _, r := range q.Rows {
				if seen[r.ID] {
					t.Fatalf("%s comes twice", r.ID)
				}
				seen[r.ID] = true
			}
			if page == 0 {
				p, err := w.store.PersonByID(t.Context(), q.Rows[0].PersonID)
				w.must(err)
				w.approve(c, p, q.Rows[0])
			}
			if q.Next.At.IsZero() {
				break
			}
			if f.After = access.ParseCursor(q.Next.String()); f.After != q.Next {
				t.Fatalf("%v became %v", q.Next, f.After)
			}
		}
		if len(seen) != n {
			t.Fatalf("%d of %d", len(seen), n)
		}
		for _, forged := range []string{"-", "zz", "0-", "1-x", "-1-" + strings.Repeat("0", 26), "zzzzzzzzzzzzzzzzzzzz-" + strings.Repeat("0", 26)} {
			if got := access.ParseCursor(forged); got != (access.Cursor{}) {
				t.Errorf("%q is %v", forged, got)
			}
		}
	})
}

// A name that too many people have is no answer, and an erased person is found by none.
func TestSearchesThatMeanTooManyOrNobody(t *testing.T) {
	w := one(t)
	c := w.coordinator("ada", "*")
	for i := range 201 {
		w.named(name("s", i), fmt.Sprintf("Given%d", i), "Smith")
	}
	if _, err := w.access.Queue(t.Context(), c, access.Filter{Text: "smith"}); !errors.Is(err, access.ErrBroad) {
		t.Errorf("%v", err)
	}
	p := w.named("zoe", "Zoe", "Zimmermann")
	w.submit(p, form())
	if got := w.found(c, access.Filter{Text: "zimmer"}); got != "zoe" {
		t.Errorf("%q", got)
	}
	w.must(func() error {
		_, err := w.inbox(sessionsDone{}).Apply(t.Context(), inbox.Event{Issuer: issuer, Subject: "zoe", Sequence: 1, Kind: inbox.NameChanged, At: w.now(), GivenName: "Zoe", FamilyName: "Ackermann"})
		return err
	}())
	if a, z := w.found(c, access.Filter{Text: "acker"}), w.found(c, access.Filter{Text: "zimmer"}); a != "zoe" || z != "" {
		t.Errorf("after a marriage: %q %q", a, z)
	}
	w.tell(w.event("zoe", 2, inbox.Erased))
	if n := w.count(`SELECT COUNT(*) FROM person_words WHERE person_id = $1`, p.ID); n != 0 {
		t.Errorf("%d words of an erased person's name", n)
	}
}

// People from before there was a search are found after the next start.
func TestOldNamesAreIndexedAtStart(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		c := w.coordinator("ada", "*")
		w.submit(w.named("anna", "Anna", "Kovářová"), form())
		if _, err := w.db.ExecContext(t.Context(), `DELETE FROM person_words`); err != nil {
			t.Fatal(err)
		}
		w.must(w.store.IndexNames(t.Context()))
		w.must(w.store.IndexNames(t.Context()))
		if got := w.found(c, access.Filter{Text: "kovar"}); got != "anna" {
			t.Errorf("%q", got)
		}
	})
}

// The context of a request: what else the person asked for, who else has the name, and what
// the one who decides should see.
func TestTheContextOfARequest(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		c := w.coordinator("elena", "ern-eye")
		first, second := w.named("anna", "Anna", "Kovářová"), w.named("anna2", "ANNA", "Kovarova")
		old := w.submit(first, form())
		_, err := w.access.Decide(t.Context(), c, first, old.ID, old.Version, access.Decision{Do: access.Reject, Text: "no"}, w.strong(), "medium")
		w.must(err)
		w.submit(first, lung())
		colleague := w.named("bert", "Bert", "Brown")
		w.approve(c, colleague, w.submit(colleague, form()))
		w.submit(second, form())
		now := w.submit(first, form())
		got, err := w.access.About(t.Context(), []string{"ern-eye"}, now, first)
		w.must(err)
		if len(got.Earlier) != 1 || got.Earlier[0].ID != old.ID || got.Elsewhere != 1 || len(got.Namesakes) != 1 || got.Namesakes[0].PersonID != second.ID || got.SameHospital != 1 {
			t.Errorf("%+v", got)
		}
		hints := fmt.Sprint(access.Hints(now, first, c, access.Party{Hospital: "de-02"}, access.Party{Hospital: "de-02"}, got.Earlier, got.Namesakes))
		if hints != "[same_hospital rejected namesake]" {
			t.Errorf("%s", hints)
		}
	})
}
