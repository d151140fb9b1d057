package webauthn

import (
	"testing"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	lib "github.com/go-webauthn/webauthn/webauthn"

	"eulogin.example/idp/internal/webauthntest"
	"eulogin.example/proto/kit/fault"
)

// Whatever a client sends: no panic, no sign-in, no internal error. The seeds are signed by the
// right key, for another challenge or another site.
func FuzzAssertion(f *testing.F) {
	s, u, a := fuzzed(f)
	_, session, err := s.lib.BeginDiscoverableLogin(lib.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(a.Get(f, `{"challenge":"b3RoZXI"}`))
	f.Add(`{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"","signature":"","userHandle":""}}`)
	elsewhere := *a
	elsewhere.Origin = "https://evil.example"
	f.Add(elsewhere.Get(f, `{"challenge":"`+session.Challenge+`"}`))
	f.Fuzz(func(t *testing.T, answer string) {
		parsed, err := parse(answer)
		if err == nil {
			_, err = s.verify(u, *session, parsed)
		}
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%v for %q", err, answer)
		}
	})
}

func FuzzRegistration(f *testing.F) {
	s, u, a := fuzzed(f)
	_, session, err := s.lib.BeginRegistration(u)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(a.Create(f, `{"challenge":"b3RoZXI","attestation":"direct","user":{"id":"AA"}}`))
	a.Origin = "https://evil.example"
	f.Add(a.Create(f, `{"challenge":"`+session.Challenge+`","attestation":"direct","user":{"id":"AA"}}`))
	f.Add(`{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"oA"}}`)
	f.Fuzz(func(t *testing.T, answer string) {
		if _, _, err := s.made(*session, answer); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%v for %q", err, answer)
		}
	})
}

// fuzzed gives a service without stores, and a person with one credential.
func fuzzed(f *testing.F) (*Service, user, *webauthntest.Authenticator) {
	f.Helper()
	maker := webauthntest.NewMaker(f, "Trusted Keys")
	s := &Service{Config: Config{Issuer: "https://login.test", Product: "EU Login", Roots: webauthntest.Pool(maker), Now: time.Now}}
	var err error
	if s.lib, err = relyingParty(s.Config); err != nil {
		f.Fatal(err)
	}
	u := user{handle: []byte("handle of a person")}
	creation, session, err := s.lib.BeginRegistration(u)
	if err != nil {
		f.Fatal(err)
	}
	a := webauthntest.New(f, "https://login.test", "login.test")
	a.Maker = maker
	made, _, err := s.made(*session, a.Create(f, `{"challenge":"`+creation.Response.Challenge.String()+`","attestation":"direct","user":{"id":"`+webauthntest.Enc(u.handle)+`"}}`))
	if err != nil {
		f.Fatal(err)
	}
	u.credentials = []Credential{{CredentialID: made.ID, PublicKey: made.PublicKey, Verifies: true, Counter: 1, Status: Active}}
	return s, u, a
}
