package totp_test

import (
	"encoding/base32"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"eulogin.example/idp/internal/factor/totp"
)

// rfcSeed is the seed of the test vectors of both RFCs.
var rfcSeed = []byte("12345678901234567890")

// RFC 4226 Appendix D.
func TestRFC4226Vectors(t *testing.T) {
	for counter, want := range []string{"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"} {
		if got := totp.Code(rfcSeed, int64(counter)); got != want {
			t.Errorf("counter %d: %s, want %s", counter, got, want)
		}
	}
}

// RFC 6238 Appendix B, SHA-1; of the eight digits there, the last six.
func TestRFC6238Vectors(t *testing.T) {
	for second, want := range map[int64]string{
		59: "94287082", 1111111109: "07081804", 1111111111: "14050471", 1234567890: "89005924", 2000000000: "69279037", 20000000000: "65353130",
	} {
		if got := totp.Code(rfcSeed, totp.Step(time.Unix(second, 0))); got != want[2:] {
			t.Errorf("second %d: %s, want %s", second, got, want[2:])
		}
	}
}

func TestURISaysWhatAppsRead(t *testing.T) {
	got := totp.URI("EU Login", "anna+cpms@example.org", rfcSeed)
	if strings.Contains(got, "+") {
		t.Errorf("a plus sign is shown as such by apps: %s", got)
	}
	u, err := url.Parse(got)
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"secret": base32.StdEncoding.EncodeToString(rfcSeed), "issuer": "EU Login", "algorithm": "SHA1", "digits": "6", "period": "30",
	} {
		if u.Query().Get(key) != want {
			t.Errorf("%s is %q", key, u.Query().Get(key))
		}
	}
	if u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/EU Login:anna+cpms@example.org" {
		t.Errorf("%s", got)
	}
	if got := totp.Typed(rfcSeed); strings.ReplaceAll(got, " ", "") != base32.StdEncoding.EncodeToString(rfcSeed) || len(strings.Fields(got)) != 8 {
		t.Errorf("%s", got)
	}
}

// Whatever product and account are called, an app reads the same seed and nothing more.
func FuzzURI(f *testing.F) {
	f.Add("EU Login", "anna@example.org")
	f.Add("A:B", "x?secret=AAAA&issuer=Evil#")
	f.Add("\u202e%00", "/../\n")
	f.Fuzz(func(t *testing.T, issuer, account string) {
		got := totp.URI(issuer, account, rfcSeed)
		if !utf8.ValidString(issuer) || !utf8.ValidString(account) {
			return
		}
		u, err := url.Parse(got)
		if err != nil {
			t.Fatalf("%q %q: %v", issuer, account, err)
		}
		q := u.Query()
		if len(q) != 5 || len(q["secret"]) != 1 || q.Get("secret") != base32.StdEncoding.EncodeToString(rfcSeed) || u.Fragment != "" || u.Host != "totp" {
			t.Fatalf("%q %q: %s", issuer, account, got)
		}
		if strings.Count(u.Path, ":") != 1 || !strings.HasPrefix(u.Path, "/"+q.Get("issuer")+":") {
			t.Fatalf("%q %q: label %q, issuer %q", issuer, account, u.Path, q.Get("issuer"))
		}
	})
}
