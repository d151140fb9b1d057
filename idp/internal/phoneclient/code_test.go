package phoneclient

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const id, secret = "0123456789abcdefghjkmnpqrs", "zyxwvtsrqpnmkjhgfedcba9876"

func TestParseCode(t *testing.T) {
	tail := "#enrol." + id + "." + secret
	for text, want := range map[string]string{
		"https://login.test/app" + tail:                  "https://login.test",
		" https://login.test/app" + tail + "\n":          "https://login.test",
		"https://login.test/eu/app" + tail:               "https://login.test/eu",
		"http://localhost:9000/app" + tail:               "http://localhost:9000",
		"http://127.0.0.1:9000/app" + tail:               "http://127.0.0.1:9000",
		"http://login.test/app" + tail:                   "",
		"http://localhost.evil.test/app" + tail:          "",
		"https://a@login.test/app" + tail:                "",
		"https://login.test/app?x=1" + tail:              "",
		"https://login.test/apps" + tail:                 "",
		"javascript:alert(1)//app" + tail:                "",
		"https:///app" + tail:                            "",
		"https://login.test/app":                         "",
		"https://login.test/app#enrol." + id:             "",
		"https://login.test/app" + tail + "0":            "",
		"https://login.test/app" + strings.ToUpper(tail): "",
		"": "",
	} {
		code, err := ParseCode(text)
		if (err == nil) != (want != "") || code.Issuer != want {
			t.Errorf("%q: %+v %v", text, code, err)
		}
		if err == nil && (code.ID != id || code.Secret != secret) {
			t.Errorf("%q: %+v", text, code)
		}
	}
}

func FuzzParseCode(f *testing.F) {
	f.Add("https://login.test/app#enrol." + id + "." + secret)
	f.Add("http://[::1]:9000/app#enrol..")
	f.Fuzz(func(t *testing.T, text string) {
		code, err := ParseCode(text)
		if err != nil {
			return
		}
		again, err := ParseCode(code.Issuer + "/app#enrol." + code.ID + "." + code.Secret)
		if err != nil || again != code {
			t.Fatalf("%q is %+v, then %+v %v", text, code, again, err)
		}
	})
}

func TestMemory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "phone.json")
	if m, err := Load(file); err != nil || len(m.Links) != 0 {
		t.Fatalf("a new phone: %+v %v", m, err)
	}
	key, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	if err := (Memory{Links: []Link{{DeviceID: "d", Key: key}}, Pending: map[string]*Key{"e": &key}}).Save(file); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(file); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	m, err := Load(file)
	if err != nil || len(m.Links) != 1 || !m.Links[0].Key.private.Equal(key.private) || !m.Pending["e"].private.Equal(key.private) {
		t.Errorf("came back as %+v, %v", m, err)
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(file); err == nil {
		t.Error("a file that others can read is accepted")
	}
}
