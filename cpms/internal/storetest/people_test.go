package storetest

import (
	"context"
	"errors"
	"testing"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/profile"
	"eulogin.example/proto/kit/fault"
)

// The record is found by issuer and subject, never by e-mail: another account with the same
// address is another person.
func TestPeopleAreKnownByIssuerAndSubject(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		anna := w.person("anna")
		c := claims("anna")
		c.Issuer = "https://other.example"
		other, err := w.people.Ensure(t.Context(), c)
		w.must(err)
		c = claims("anna2")
		c.Email = anna.Email
		twin, err := w.people.Ensure(t.Context(), c)
		w.must(err)
		if anna.ID == other.ID || anna.ID == twin.ID {
			t.Fatal("two accounts became one person")
		}
		if _, err := w.people.Get(t.Context(), issuer, "nobody"); !errors.Is(err, person.ErrUnknown) {
			t.Fatal(err)
		}
	})
}

func TestEverySignInRefreshesTheRecord(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		before := w.person("anna")
		c := claims("anna")
		c.FamilyName, c.Email, c.Locale, c.Assurance = "Neu", "anna@new.example", "de", 20
		after, err := w.people.Ensure(t.Context(), c)
		w.must(err)
		if after.ID != before.ID || after.Name() != "anna Neu" || after.Email != "anna@new.example" || after.MailLang != "de" || after.Assurance != 20 {
			t.Fatalf("%+v", after)
		}
		c.Locale = ""
		if p, err := w.people.Ensure(t.Context(), c); err != nil || p.MailLang != "en" {
			t.Fatalf("%q %v", p.MailLang, err)
		}
	})
}

func TestTwentyFirstSignInsMakeOnePerson(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ids := make([]string, 20)
		for _, err := range atOnce(20, func(i int) error {
			p, err := w.people.Ensure(context.Background(), claims("anna"))
			ids[i] = p.ID
			return err
		}) {
			w.must(err)
		}
		for _, id := range ids {
			if id != ids[0] {
				t.Fatal("one account, two people")
			}
		}
	})
}

func TestProfileDraftsHaveVersions(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p := w.person("anna")
		w.must(w.profiles.Save1(t.Context(), p.ID, 0, profile.Page1{Title: " Dr "}, false))
		got, err := w.profiles.Of(t.Context(), p.ID)
		if err != nil || got.Title != "Dr" || got.Version != 1 || got.Complete() {
			t.Fatalf("%+v %v", got, err)
		}
		if err := w.profiles.Save2(t.Context(), p.ID, 0, profile.Page2{}, false); !errors.Is(err, profile.ErrChanged) {
			t.Fatalf("an older window overwrote: %v", err)
		}
		err = w.profiles.Save1(t.Context(), p.ID, 1, profile.Page1{}, true)
		if fault.KindOf(err) != fault.Invalid || len(fault.As(err).Fields) != 3 {
			t.Fatalf("%v", err)
		}
		if err := w.profiles.Save1(t.Context(), p.ID, 2, profile.Page1{Phone: "0470"}, false); fault.KindOf(err) != fault.Invalid {
			t.Fatalf("a malformed draft was kept: %v", err)
		}
		w.must(w.profiles.Save1(t.Context(), p.ID, 2, profile.Page1{ProfessionalEmail: "a@b.eu", Country: "DE", Hospital: "de-02"}, true))
		w.must(w.profiles.Save2(t.Context(), p.ID, 3, profile.Page2{Profession: "nurse", Specialty: "eyes", Affiliation: "none", Languages: []string{"de", "fr"}}, true))
		got, err = w.profiles.Of(t.Context(), p.ID)
		if err != nil || !got.Complete() || got.Version != 4 || len(got.Languages) != 2 || !got.UpdatedAt.Equal(w.now()) {
			t.Fatalf("%+v %v", got, err)
		}
	})
}

func TestTwoWindowsSaveAProfileAtOnce(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p := w.person("anna")
		for version := range int64(2) {
			won := 0
			for _, err := range atOnce(10, func(int) error {
				return w.profiles.Save1(context.Background(), p.ID, version, profile.Page1{Title: "Dr"}, false)
			}) {
				switch {
				case err == nil:
					won++
				case !errors.Is(err, profile.ErrChanged):
					t.Error(err)
				}
			}
			if won != 1 {
				t.Fatalf("version %d: %d saved", version, won)
			}
		}
	})
}

// COORDINATOR is given by an operator, before or after the first sign-in, once.
func TestRolesAreGivenByAnOperator(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		o := &access.Operator{Store: w.store, Now: w.now}
		for range 3 { // every start of a service gives its seed again
			w.must(o.GrantRole(t.Context(), issuer, "elena", access.CoordinatorRole, "ern-eye"))
		}
		w.must(o.GrantRole(t.Context(), issuer, "ada", access.CoordinatorRole, access.AllNetworks))
		for _, bad := range [][4]string{
			{issuer, "x", access.HP, "ern-eye"}, {issuer, "x", "OPERATOR", "*"}, {issuer, "x", access.CoordinatorRole, "ERN-EYE"},
			{issuer, "x", access.CoordinatorRole, ""}, {issuer, "", access.CoordinatorRole, "*"}, {"", "x", access.CoordinatorRole, "*"}, {issuer, "a\x00", access.CoordinatorRole, "*"},
		} {
			if err := o.GrantRole(t.Context(), bad[0], bad[1], bad[2], bad[3]); !errors.Is(err, access.ErrRole) {
				t.Errorf("%q: %v", bad, err)
			}
		}
		elena, ada, lars := w.person("elena"), w.person("ada"), w.coordinator("lars", "ern-lung")
		for p, want := range map[person.Person]string{elena: "ern-eye", ada: "*", lars: "ern-lung"} {
			if got, err := w.access.Networks(t.Context(), p); err != nil || len(got) != 1 || got[0] != want {
				t.Errorf("%s: %v %v", p.Subject, got, err)
			}
		}
		deciders, err := w.store.CoordinatorsOf(t.Context(), "ern-eye", w.now())
		if err != nil || len(deciders) != 2 {
			t.Errorf("%d decide for ern-eye, %v", len(deciders), err)
		}
		if n := w.events("role.given"); n != 3 {
			t.Errorf("%d events", n)
		}
		// The same subject of another issuer is nobody.
		c := claims("elena")
		c.Issuer = "https://other.example"
		stranger, err := w.people.Ensure(t.Context(), c)
		w.must(err)
		if got, err := w.access.Networks(t.Context(), stranger); err != nil || len(got) != 0 {
			t.Errorf("another issuer's elena decides for %v, %v", got, err)
		}
	})
}
