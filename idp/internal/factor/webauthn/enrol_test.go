package webauthn_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/webauthn"
	"eulogin.example/idp/internal/webauthntest"
)

// What the browser is asked when a credential is added.
func TestOptionsOfAdding(t *testing.T) {
	w := newWorld(t, nil)
	a := device(t)
	w.add(w.anna.ID, "one", a)
	c, err := w.keys.Begin(t.Context(), w.anna.ID, "two")
	must(t, err)
	var o struct {
		RP                     struct{ ID, Name string }
		User                   struct{ ID, Name, DisplayName string }
		Challenge              string
		Timeout                int
		ExcludeCredentials     []struct{ ID string }
		AuthenticatorSelection struct{ ResidentKey, UserVerification string }
	}
	must(t, json.Unmarshal([]byte(c.Options), &o))
	if o.RP.ID != rpID || o.RP.Name != "EU Login" || o.User.Name != w.anna.Email || o.User.DisplayName != w.anna.Name() || len(o.Challenge) != 43 ||
		o.Timeout != 300_000 || o.AuthenticatorSelection.ResidentKey != "preferred" || o.AuthenticatorSelection.UserVerification != "preferred" {
		t.Errorf("%s", c.Options)
	}
	if len(o.ExcludeCredentials) != 1 || o.ExcludeCredentials[0].ID != webauthntest.Enc(a.ID) {
		t.Errorf("excluded: %v", o.ExcludeCredentials)
	}
	if o.User.ID != webauthntest.Enc(a.Handle) {
		t.Error("the user handle changes from key to key")
	}
}

func TestWhatIsKeptOfACredential(t *testing.T) {
	w := newWorld(t, nil)
	a := device(t)
	a.Counter = 40
	k := w.add(w.anna.ID, "  Blue key ", a)
	if k.Name != "Blue key" || k.Counter != 40 || !slices.Equal(k.Transports, []string{"usb"}) || k.Kind() != webauthn.SecurityKey || !k.AddedAt.Equal(w.Clock.Now()) {
		t.Errorf("%+v", k)
	}
	all, err := webauthn.Keeper{Store: w.keys.Store}.Factors(t.Context(), w.anna.ID)
	if err != nil || len(all) != 1 || all[0] != k.Factor() || !all[0].Usable {
		t.Errorf("as account care sees it: %+v, %v", all, err)
	}
	for kind, c := range map[webauthn.Kind]webauthn.Credential{
		webauthn.TrustedPlatform: {Attachment: "platform"}, webauthn.Passkey: {Attachment: "platform", BackupEligible: true}, webauthn.SecurityKey: {},
	} {
		if c.Kind() != kind {
			t.Errorf("%+v is a %s", c, c.Kind())
		}
	}
}

func TestEveryCheckOfARegistration(t *testing.T) {
	maker := webauthntest.NewMaker(t, "Trusted Keys")
	w := newWorld(t, webauthntest.Pool(maker))
	other := func(o string) string {
		c, err := w.keys.Begin(t.Context(), w.anna.ID, "other")
		must(t, err)
		return c.Options
	}
	for name, c := range map[string]struct {
		spoil   func(a *webauthntest.Authenticator)
		options func(string) string
		answer  func(string) string
		want    string
	}{
		"other origin":            {spoil: func(a *webauthntest.Authenticator) { a.Origin = "https://evil.example" }, want: "keys.answer.wrong"},
		"in a foreign frame":      {spoil: func(a *webauthntest.Authenticator) { a.Cross = true }, want: "keys.answer.wrong"},
		"other relying party":     {spoil: func(a *webauthntest.Authenticator) { a.RPID = "evil.example" }, want: "keys.answer.wrong"},
		"nobody touched it":       {spoil: func(a *webauthntest.Authenticator) { a.Flags = 0 }, want: "keys.answer.wrong"},
		"copied and not copyable": {spoil: func(a *webauthntest.Authenticator) { a.Flags |= webauthntest.BS }, want: "keys.answer.wrong"},
		"another challenge":       {options: other, want: "keys.answer.wrong"},
		"forged attestation": {spoil: func(a *webauthntest.Authenticator) { a.Maker = maker }, answer: func(s string) string {
			return swap(t, s, []byte("test model"), []byte("else model"))
		}, want: "keys.answer.wrong"},
		"no JSON":  {answer: func(s string) string { return s[1:] }, want: "keys.answer.malformed"},
		"nothing":  {answer: func(string) string { return "" }, want: "keys.answer.malformed"},
		"too long": {answer: func(s string) string { return s + strings.Repeat(" ", 40<<10) }, want: "keys.answer.malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			a := device(t)
			if c.spoil != nil {
				c.spoil(a)
			}
			b, err := w.keys.Begin(t.Context(), w.anna.ID, "key")
			must(t, err)
			options := b.Options
			if c.options != nil {
				options = c.options(options)
			}
			answer := a.Create(t, options)
			if c.answer != nil {
				answer = c.answer(answer)
			}
			if _, err := w.keys.Finish(t.Context(), w.anna.ID, b.ID, answer); why(err) != c.want {
				t.Errorf("%q (%v), want %q", why(err), err, c.want)
			}
		})
	}
	if all, _ := w.keys.Credentials(t.Context(), w.anna.ID); len(all) != 0 {
		t.Errorf("%d were stored", len(all))
	}
}

// swap replaces bytes inside the attestation object.
func swap(t *testing.T, answer string, old, fresh []byte) string {
	t.Helper()
	var m map[string]any
	must(t, json.Unmarshal([]byte(answer), &m))
	response := m["response"].(map[string]any)
	raw, err := webauthntest.Dec(response["attestationObject"].(string))
	must(t, err)
	if !strings.Contains(string(raw), string(old)) {
		t.Fatal("nothing to replace")
	}
	response["attestationObject"] = webauthntest.Enc([]byte(strings.ReplaceAll(string(raw), string(old), string(fresh))))
	out, err := json.Marshal(m)
	must(t, err)
	return string(out)
}

func TestOneRegistrationAddsOnce(t *testing.T) {
	w := newWorld(t, nil)
	a := device(t)
	c, err := w.keys.Begin(t.Context(), w.anna.ID, "key")
	must(t, err)
	if got, err := w.keys.Begun(t.Context(), w.anna.ID, c.ID); err != nil || got.Options != c.Options {
		t.Errorf("shown again: %v", err)
	}
	bert := w.Person(t, "Bert", "bert@example.org")
	if _, err := w.keys.Begun(t.Context(), bert.ID, c.ID); !errors.Is(err, webauthn.ErrOver) {
		t.Errorf("another account sees it: %v", err)
	}
	answer := a.Create(t, c.Options)
	if _, err := w.keys.Finish(t.Context(), bert.ID, c.ID, answer); !errors.Is(err, webauthn.ErrOver) {
		t.Errorf("another account finishes it: %v", err)
	}
	var all sync.WaitGroup
	var won atomic.Int64
	for range 100 {
		all.Go(func() {
			if _, err := w.keys.Finish(t.Context(), w.anna.ID, c.ID, answer); err == nil {
				won.Add(1)
			} else if !errors.Is(err, webauthn.ErrOver) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if have, _ := w.keys.Credentials(t.Context(), w.anna.ID); won.Load() != 1 || len(have) != 1 {
		t.Errorf("%d of a hundred added %d keys", won.Load(), len(have))
	}
	if got := w.Actions(t); !slices.Equal(got, []string{"factor.added"}) {
		t.Errorf("audited: %v", got)
	}
	b, err := w.keys.Begin(t.Context(), bert.ID, "the same key")
	must(t, err)
	if _, err := w.keys.Finish(t.Context(), bert.ID, b.ID, a.Create(t, b.Options)); !errors.Is(err, webauthn.ErrKnown) {
		t.Errorf("a key of Anna's, for Bert: %v", err)
	}
}

func TestNamesAndTheirLimits(t *testing.T) {
	w := newWorld(t, nil)
	k := w.add(w.anna.ID, "Clé", device(t))
	for typed, want := range map[string]string{
		"": "keys.name.shape", " ": "keys.name.shape", strings.Repeat("é", factor.MaxName+1): "keys.name.shape", "a\u202eb": "keys.name.shape",
		"Cle\u0301": "keys.name.taken", strings.Repeat("é", factor.MaxName): "",
	} {
		if _, err := w.keys.Begin(t.Context(), w.anna.ID, typed); why(err) != want {
			t.Errorf("%q: %v", typed, err)
		}
	}
	second := w.add(w.anna.ID, "second", device(t))
	if err := w.keys.Rename(t.Context(), w.anna.ID, second.ID, "Clé"); why(err) != "keys.name.taken" {
		t.Errorf("renamed to a taken name: %v", err)
	}
	must(t, w.keys.Rename(t.Context(), w.anna.ID, k.ID, "Clé"))
	must(t, w.keys.Rename(t.Context(), w.anna.ID, k.ID, "Old key"))
	bert := w.Person(t, "Bert", "bert@example.org")
	if err := w.keys.Rename(t.Context(), bert.ID, k.ID, "mine"); !errors.Is(err, factor.ErrUnknown) {
		t.Errorf("by another account: %v", err)
	}
	if got, _ := w.keys.Credential(t.Context(), w.anna.ID, k.ID); got.Name != "Old key" {
		t.Errorf("it is called %q", got.Name)
	}
	for i := 2; i < webauthn.MaxCredentials; i++ {
		w.add(w.anna.ID, fmt.Sprint("key ", i), device(t))
	}
	if _, err := w.keys.Begin(t.Context(), w.anna.ID, "eleventh"); !errors.Is(err, webauthn.ErrTooMany) {
		t.Errorf("the eleventh: %v", err)
	}
}
