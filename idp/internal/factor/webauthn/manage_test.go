package webauthn_test

import (
	"errors"
	"slices"
	"testing"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/webauthn"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/webauthntest"
)

func TestRemovedCredentialsAreRefused(t *testing.T) {
	w := newWorld(t, nil)
	a := device(t)
	k := w.add(w.anna.ID, "key", a)
	bert := w.Person(t, "Bert", "bert@example.org")
	if err := w.keys.Remove(t.Context(), bert.ID, k.ID, true); !errors.Is(err, factor.ErrUnknown) {
		t.Errorf("by another account: %v", err)
	}
	open, direct := w.ask(w.anna.ID), w.ask("")
	must(t, w.keys.Remove(t.Context(), w.anna.ID, k.ID, true))
	for _, c := range []webauthn.Ceremony{open, direct} {
		if _, err := w.keys.Answer(t.Context(), c.ID, c.Account, a.Get(t, c.Options)); why(err) != "keys.answer.unknown" {
			t.Errorf("after its removal: %v", err)
		}
	}
	if got := w.Actions(t); !slices.Equal(got, []string{"factor.added", "factor.removed"}) {
		t.Errorf("audited: %v", got)
	}
	keeper := webauthn.Keeper{Store: w.keys.Store}
	must(t, keeper.Restore(t.Context(), w.anna.ID, k.ID, factor.Record{At: w.Clock.Now()}))
	back := w.ask("")
	if got, err := w.keys.Answer(t.Context(), back.ID, "", a.Get(t, back.Options)); err != nil || got.Credential.ID != k.ID {
		t.Errorf("brought back: %v", err)
	}
	must(t, keeper.Remove(t.Context(), w.anna.ID, k.ID, factor.Record{At: w.Clock.Now()}))
}

// Two persons of the helpdesk, neither of them the owner, confirm a key of attested hardware.
func TestAnIssuedKeyTakesTwoPersons(t *testing.T) {
	maker := webauthntest.NewMaker(t, "Trusted Keys")
	w := newWorld(t, webauthntest.Pool(maker))
	hard, soft := device(t), device(t)
	hard.Maker = maker
	k, plain := w.add(w.anna.ID, "smart card", hard), w.add(w.anna.ID, "phone", soft)
	for name, c := range map[string]struct {
		id string
		by []account.ID
	}{
		"nobody": {k.ID, nil}, "one": {k.ID, []account.ID{"n00desk1"}}, "one, twice": {k.ID, []account.ID{"n00desk1", "n00desk1"}},
		"the owner helps": {k.ID, []account.ID{"n00desk1", w.anna.ID}}, "somebody unnamed": {k.ID, []account.ID{"n00desk1", ""}},
		"no hardware": {plain.ID, []account.ID{"n00desk1", "n00desk2"}},
	} {
		if err := w.keys.IssueBy(t.Context(), c.id, factor.Confirmation{}, c.by...); !errors.Is(err, webauthn.ErrConfirm) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := w.keys.IssueBy(t.Context(), "none", factor.Confirmation{}, "n00desk1", "n00desk2"); !errors.Is(err, factor.ErrUnknown) {
		t.Errorf("an unknown key: %v", err)
	}
	must(t, w.keys.IssueBy(t.Context(), k.ID, factor.Confirmation{}, "n00desk2", "n00desk1"))
	ch := w.ask("")
	if got, err := w.keys.Answer(t.Context(), ch.ID, "", hard.Get(t, ch.Options)); err != nil || got.Method != policy.IssuedKey {
		t.Errorf("%+v, %v", got.Method, err)
	}
	if m := w.Last(t); m.Kind != notify.KeyWasIssued || m.To != w.anna.Email {
		t.Errorf("the mail: %+v", m)
	}
	hard.Flags = webauthntest.UP
	ch = w.ask(w.anna.ID)
	if got, _ := w.keys.Answer(t.Context(), ch.ID, w.anna.ID, hard.Get(t, ch.Options)); got.Method != policy.SecurityKey {
		t.Errorf("touched only: %v", got.Method)
	}
}

// An operator who trusts no maker any more does not lock the owners of hardware out.
func TestWithoutRootsHardwareIsAPasskey(t *testing.T) {
	maker := webauthntest.NewMaker(t, "Trusted Keys")
	w := newWorld(t, webauthntest.Pool(maker))
	hard := device(t)
	hard.Maker = maker
	k := w.add(w.anna.ID, "smart card", hard)
	must(t, w.keys.IssueBy(t.Context(), k.ID, factor.Confirmation{}, "n00desk1", "n00desk2"))
	w.keys.Roots = nil
	if got, err := w.keys.Enrolled(t.Context(), w.anna.ID); !slices.Equal(got, []policy.Method{policy.Passkey, policy.SecurityKey}) || err != nil {
		t.Errorf("enrolled: %v, %v", got, err)
	}
	ch := w.ask("")
	if got, err := w.keys.Answer(t.Context(), ch.ID, "", hard.Get(t, ch.Options)); err != nil || got.Method != policy.Passkey {
		t.Errorf("%v, %v", got.Method, err)
	}
}

func TestConfigIsChecked(t *testing.T) {
	if _, err := webauthn.New(webauthn.Config{}); err == nil {
		t.Error("nothing is enough")
	}
	w := newWorld(t, nil)
	for issuer, ok := range map[string]bool{"https://127.0.0.1:9000": false, "": false, "http://localhost:9000": true, "https://login.test/base": true} {
		c := w.keys.Config
		c.Issuer = issuer
		if _, err := webauthn.New(c); (err == nil) != ok {
			t.Errorf("%q: %v", issuer, err)
		}
	}
}
