package webpush

import (
	"crypto/ecdh"
	"encoding/base64"
	"net"
	"net/http"
	"strings"
	"testing"

	"eulogin.example/idp/internal/factor/phone"
)

func dec(t testing.TB, s string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// RFC 8291, appendix A.
func TestTheMessageOfTheRFC(t *testing.T) {
	to, err := readReceiver(phone.PushTarget{
		P256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", Auth: "BTBZMqHH6r4Tts7J_aSIgg",
	})
	if err != nil {
		t.Fatal(err)
	}
	ephemeral, err := ecdh.P256().NewPrivateKey(dec(t, "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := encrypt(to, []byte("When I grow up, I want to be a watermelon"), ephemeral, dec(t, "DGv6ra1nlYgDCS1FRnbzlw"))
	want := "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
	if err != nil || base64.RawURLEncoding.EncodeToString(got) != want {
		t.Errorf("%v\n%s", err, base64.RawURLEncoding.EncodeToString(got))
	}
}

func TestEndpoints(t *testing.T) {
	for endpoint, want := range map[string][2]bool{ // in production, on this computer
		"https://push.example.org/send/abc":       {true, true},
		"https://push.example.org:443/send/abc":   {true, true},
		"https://push.example.org:8443/send":      {false, false},
		"http://push.example.org/send":            {false, false},
		"https://a@push.example.org/":             {false, false},
		"https://push.example.org/#x":             {false, false},
		"https://127.0.0.1/":                      {false, true},
		"http://localhost:8080/x":                 {false, true},
		"https://localhost/":                      {false, true},
		"https://[::1]/":                          {false, false},
		"https://10.0.0.1/":                       {false, false},
		"https://169.254.169.254/latest/metadata": {false, false},
		"https://intranet/":                       {false, false},
		"https://intranet./":                      {false, false},
		"file:///etc/passwd":                      {false, false},
		"https:push.example.org":                  {false, false},
		"":                                        {false, false},
		"https://push.example.org/" + string(make([]byte, 2000)): {false, false},
	} {
		for i, local := range []bool{false, true} {
			if err := checkEndpoint(endpoint, local); (err == nil) != want[i] {
				t.Errorf("%.60q, local %v: %v", endpoint, local, err)
			}
		}
	}
}

// Whatever is admitted is a call to a named host on the usual port.
func FuzzEndpoint(f *testing.F) {
	f.Add("https://push.example.org/send/abc")
	f.Add("https://[::ffff:10.0.0.1]/")
	f.Add("https://push.example.org%2f@10.0.0.1/")
	f.Fuzz(func(t *testing.T, endpoint string) {
		if checkEndpoint(endpoint, false) != nil {
			return
		}
		req, err := http.NewRequest(http.MethodPost, endpoint, nil)
		if err != nil {
			return
		}
		host := req.URL.Hostname()
		if net.ParseIP(host) != nil || req.URL.Scheme != "https" || !strings.Contains(host, ".") || strings.Contains(endpoint, "@"+host) {
			t.Errorf("admitted %q", endpoint)
		}
	})
}

func TestIdentities(t *testing.T) {
	good := "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="
	for _, c := range []struct {
		key, contact string
		ok           bool
	}{
		{good, "mailto:ops@example.org", true}, {good, "https://example.org/ops", true}, {good, "", false}, {good, "ops@example.org", false},
		{good, "http://example.org", false}, {"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "mailto:a@b", false}, {"hello", "mailto:a@b", false}, {"", "mailto:a@b", false},
	} {
		if _, err := NewIdentity(c.key, c.contact); (err == nil) != c.ok {
			t.Errorf("%q %q: %v", c.key, c.contact, err)
		}
	}
}
