package phone

import (
	"strings"
	"testing"
)

// Nothing that is thrown at it is an answer of the phone's authenticator.
func FuzzAuthenticatorAnswers(f *testing.F) {
	a, err := newAuthenticators("https://login.test")
	if err != nil {
		f.Fatal(err)
	}
	o := owner{device: Device{ID: "0123456789abcdefghjkmnpqrs", Bio: Biometrics{ID: []byte("credential"), Key: []byte{0xa5}}}}
	_, session, err := a.ask(o, make([]byte, 32))
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"id":"Y3JlZGVudGlhbA","rawId":"Y3JlZGVudGlhbA","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"AAAA","signature":"AAAA"}}`))
	f.Add([]byte(`{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YUA"}}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		if _, err := a.shown(o, []byte("statement"), answer); err == nil {
			t.Errorf("an assertion: %q", answer)
		}
		if b, err := a.made(o, session, answer); err == nil || b.On() {
			t.Errorf("a credential: %q", answer)
		}
	})
}

func TestWhatThePhonesAuthenticatorIsAsked(t *testing.T) {
	a, err := newAuthenticators("https://login.test:8443/eu")
	if err != nil {
		t.Fatal(err)
	}
	options, session, err := a.ask(owner{device: Device{ID: "device"}, email: "anna@example.org"}, []byte("0123456789abcdef0123456789abcdef"))
	if err != nil || session.UserVerification != "required" || string(session.UserID) != "device" {
		t.Fatalf("%+v %v", session, err)
	}
	for _, want := range []string{`"authenticatorAttachment":"platform"`, `"userVerification":"required"`, `"id":"login.test"`, `"residentKey":"discouraged"`} {
		if !strings.Contains(string(options), want) {
			t.Errorf("%s is not in %s", want, options)
		}
	}
}
