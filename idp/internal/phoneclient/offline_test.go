package phoneclient

import (
	"encoding/base64"
	"strconv"
	"testing"
)

func TestParseSignCode(t *testing.T) {
	enc := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	const front = "https://login.test/app#sign." + id + ".IVE6Yr9P_wFSFB-m.1795435320."
	for text, ok := range map[string]bool{
		front + enc("CPMS 2.0") + "." + enc("Firefox · ::1"): true,
		front + enc("a") + "." + enc(""):                     true,
		front + enc("a\nb") + "." + enc("x"):                 false,
		front + enc("a\x00") + "." + enc("x"):                false,
		front + enc("\xff\xfe") + "." + enc("x"):             false,
		front + enc("a") + "=." + enc("x"):                   false,
		front + "YR." + enc("x"):                             false, // bits left over
		front + enc("a"):                                     false,
		front + enc("a") + "." + enc("b") + "." + enc("c"):   false,
		"https://login.test/app#sign." + id + ".IVE6Yr9P_wFSFB-m.01795435320." + enc("a") + ".eA": false,
		"https://login.test/app#sign." + id + ".IVE6Yr9P_wFSFB-m.-1." + enc("a") + ".eA":          false,
		"https://login.test/app#sign." + id + ".short.1795435320." + enc("a") + ".eA":             false,
		"https://login.test/app#sign.x.IVE6Yr9P_wFSFB-m.1795435320." + enc("a") + ".eA":           false,
		"http://login.test/app#sign." + id + ".IVE6Yr9P_wFSFB-m.1795435320." + enc("a") + ".eA":   false,
		"https://login.test/app#enrol." + id + "." + secret:                                       false,
		"otpauth://totp/EU%20Login:anna?secret=JBSWY3DPEHPK3PXP":                                  false,
		"": false,
	} {
		if c, err := ParseSignCode(text); (err == nil) != ok {
			t.Errorf("%q: %+v %v", text, c, err)
		}
	}
}

// What is read is written in one way only: else one code would stand for two texts.
func FuzzParseSignCode(f *testing.F) {
	f.Add("https://login.test/app#sign." + id + ".IVE6Yr9P_wFSFB-m.1795435320.Q1BNUw.eA")
	f.Add("https://login.test/app#sign..")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseSignCode(text)
		if err != nil {
			return
		}
		enc := base64.RawURLEncoding.EncodeToString
		again, err := ParseSignCode(c.Issuer + "/app#sign." + c.ID + "." + c.Account + "." + strconv.FormatInt(c.Until, 10) + "." + enc([]byte(c.Service)) + "." + enc([]byte(c.Browser)))
		if err != nil || again != c {
			t.Fatalf("%q is %+v, then %+v %v", text, c, again, err)
		}
	})
}

func FuzzParseHereCode(f *testing.F) {
	f.Add("https://login.test/app#here." + id)
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseHereCode(text)
		if err != nil {
			return
		}
		if again, err := ParseHereCode(c.Issuer + "/app#here." + c.ID); err != nil || again != c {
			t.Fatalf("%q is %+v, then %+v %v", text, c, again, err)
		}
	})
}
