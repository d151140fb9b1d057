package webauthn_test

import (
	"testing"

	"eulogin.example/idp/internal/webauthntest"
	"eulogin.example/proto/kit/fault"
)

// Whatever a client sends: no panic, no sign-in, no internal error.
func FuzzAssertion(f *testing.F) {
	w, a, forged := fuzzWorld(f)
	ch, err := w.keys.Ask(f.Context(), "seed", "")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(forged.Get(f, ch.Options))
	f.Add(a.Get(f, ch.Options)) // right, and for another challenge
	f.Add(`{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"","signature":"","userHandle":""}}`)
	f.Fuzz(func(t *testing.T, answer string) {
		c := (&world{World: w.World, t: t, keys: w.keys}).ask("")
		if _, err := w.keys.Answer(t.Context(), c.ID, "", answer); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%v for %q", err, answer)
		}
	})
}

func FuzzRegistration(f *testing.F) {
	w, _, forged := fuzzWorld(f)
	begun, err := w.keys.Begin(f.Context(), w.anna.ID, "seed")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(forged.Create(f, begun.Options))
	f.Add(`{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"oA"}}`)
	f.Fuzz(func(t *testing.T, answer string) {
		c, err := w.keys.Begin(t.Context(), w.anna.ID, "other")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.keys.Finish(t.Context(), w.anna.ID, c.ID, answer); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%v for %q", err, answer)
		}
	})
}

// fuzzWorld gives a world, a key in it, and one that is for another site.
func fuzzWorld(f *testing.F) (*world, *webauthntest.Authenticator, *webauthntest.Authenticator) {
	f.Helper()
	maker := webauthntest.NewMaker(f, "Trusted Keys")
	w := newWorld(f, webauthntest.Pool(maker))
	a := webauthntest.New(f, origin, rpID)
	w.add(w.anna.ID, "key", a)
	forged := webauthntest.New(f, "https://evil.example", rpID)
	forged.Maker, forged.Handle = maker, a.Handle
	return w, a, forged
}
