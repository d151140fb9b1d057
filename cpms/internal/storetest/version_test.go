package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"eulogin.example/cpms/internal/inbox"
	"eulogin.example/cpms/internal/profile"
)

// Every save is a version with who, when and what changed; the list has pages; nobody reads
// another's, and all go with the person.
func TestEverySaveIsAVersion(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p, other := w.person("anna"), w.person("bert")
		const saves = profile.VersionsShown + 5
		for i := range saves {
			w.must(w.profiles.Save1(t.Context(), p.ID, int64(i), profile.Page1{Title: "Dr", Department: name("d", i/2)}, false))
			w.pass(time.Minute)
		}
		list, more, err := w.profiles.History(t.Context(), p.ID, 0)
		if err != nil || !more || len(list) != profile.VersionsShown || list[0].Profile.Version != saves || list[0].ByID != p.ID || !list[0].UpdatedAt.Equal(w.now().Add(-time.Minute)) {
			t.Fatalf("%d %v %+v %v", len(list), more, list[0], err)
		}
		rest, more, err := w.profiles.History(t.Context(), p.ID, list[len(list)-1].Profile.Version)
		if err != nil || more || len(rest) != 5 || rest[4].Profile.Version != 1 {
			t.Fatalf("%d %v %v", len(rest), more, err)
		}
		if c := rest[4].Changes; len(c) != 2 || c[0].Name != "title" || c[0].To[0] != "Dr" || len(c[0].From) != 0 {
			t.Errorf("the first: %+v", c)
		}
		if c := rest[3].Changes; len(c) != 0 {
			t.Errorf("nothing changed: %+v", c)
		}
		if c := rest[2].Changes; len(c) != 1 || c[0].Name != "department" || c[0].From[0] != name("d", 0) || c[0].To[0] != name("d", 1) {
			t.Errorf("%+v", c)
		}
		one, err := w.profiles.VersionOf(t.Context(), p.ID, 3)
		if err != nil || one.Department != name("d", 1) || len(one.Changes) != 1 {
			t.Errorf("%+v %v", one, err)
		}
		for _, n := range []int64{-1, 0, saves + 1} {
			if _, err := w.profiles.VersionOf(t.Context(), p.ID, n); !errors.Is(err, profile.ErrNoVersion) {
				t.Errorf("%d: %v", n, err)
			}
		}
		if _, err := w.profiles.VersionOf(t.Context(), other.ID, 3); !errors.Is(err, profile.ErrNoVersion) {
			t.Errorf("somebody else's: %v", err)
		}
		if n := w.events("profile.saved"); n != saves {
			t.Errorf("%d events", n)
		}
		if n := w.count(`SELECT COUNT(*) FROM audit_events WHERE action = 'profile.saved' AND detail LIKE '%' || $1 || '%'`, name("d", 1)); n != 0 {
			t.Errorf("%d events hold what was written", n)
		}
		w.tell(w.event("anna", 1, inbox.Erased))
		if n := w.count(`SELECT COUNT(*) FROM profile_versions`); n != 0 {
			t.Errorf("%d versions are left", n)
		}
	})
}

// Ten windows at once leave one version for each number, whole.
func TestVersionsHaveNoGap(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p := w.person("anna")
		atOnce(20, func(i int) error {
			for version := range int64(5) {
				_ = w.profiles.Save2(context.Background(), p.ID, version, profile.Page2{Specialty: name("s", i)}, false)
			}
			return nil
		})
		got, err := w.profiles.Of(t.Context(), p.ID)
		w.must(err)
		if n := w.count(`SELECT COUNT(*) FROM profile_versions`); int64(n) != got.Version || n != w.events("profile.saved") || n == 0 {
			t.Errorf("%d versions, the profile has %d", n, got.Version)
		}
		last, err := w.profiles.VersionOf(t.Context(), p.ID, got.Version)
		if err != nil || last.Specialty != got.Specialty {
			t.Errorf("%+v %v", last, err)
		}
	})
}
