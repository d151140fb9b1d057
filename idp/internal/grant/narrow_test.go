package grant_test

import (
	"slices"
	"testing"
	"time"

	"eulogin.example/idp/internal/grant"
	"eulogin.example/proto/kit/kv"
)

// narrow gives a token for a living one, in a client's name.
func (w *world) narrow(t testing.TB, token, client string) (grant.Tokens, time.Duration, error) {
	t.Helper()
	subject, err := w.Access(t.Context(), token, kv.Mark{})
	if err != nil {
		return grant.Tokens{}, 0, err
	}
	given := approval
	given.Client = client
	return w.Narrow(t.Context(), subject, given, time.Hour)
}

// RFC 8693: on every engine a token ends with each that it was given for, also where that ended at the moment
// at which it was made.
func TestATokenEndsWithTheOneItWasGivenFor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		first := w.tokens(t)
		second, life, err := w.narrow(t, first.Access, "a")
		must(t, err)
		if life != lives.Access || second.Refresh != "" {
			t.Errorf("%v %q", life, second.Refresh)
		}
		third, _, err := w.narrow(t, second.Access, "b")
		must(t, err)
		a, err := w.Access(t.Context(), third.Access, kv.Mark{})
		must(t, err)
		if !slices.Equal(a.Actors(), []string{"b", "a"}) {
			t.Errorf("%q", a.Actors())
		}
		w.before = func(string) error { return w.RevokeAccess(t.Context(), first.Access, "rp") }
		late, _, err := w.narrow(t, first.Access, "a")
		must(t, err)
		for name, token := range map[string]string{"given before": second.Access, "given for that": third.Access, "given at that moment": late.Access} {
			_, err := w.Access(t.Context(), token, kv.Mark{})
			invalid(t, name, err)
		}
	})
}

func TestWhatIsNotNarrowed(t *testing.T) {
	w := newWorld(t)
	first := w.tokens(t)
	subject, err := w.Access(t.Context(), first.Access, kv.Mark{})
	must(t, err)
	for name, change := range map[string]func(a *grant.Approval){
		"another person":  func(a *grant.Approval) { a.Account = "n00bertaaaa" },
		"nobody":          func(a *grant.Approval) { a.Account = "" },
		"another session": func(a *grant.Approval) { a.SID = "s2" },
	} {
		given := approval
		change(&given)
		_, _, err := w.Narrow(t.Context(), subject, given, time.Hour)
		invalid(t, name, err)
	}
	token := first.Access
	for range grant.MaxChain {
		next, _, err := w.narrow(t, token, "a")
		must(t, err)
		token = next.Access
	}
	_, _, err = w.narrow(t, token, "a")
	invalid(t, "a line without an end", err)
	w.pass(lives.Access - time.Second/2)
	_, _, err = w.narrow(t, first.Access, "a")
	invalid(t, "in its last half second", err)
}
