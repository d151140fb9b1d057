package appapi_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/phoneclient"
)

// The vectors of the document, by the client that was written from it.
func TestVectorsOfTheDocument(t *testing.T) {
	raw, err := os.ReadFile("../../docs/app-protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	key := make([]byte, 32)
	for i := range key {
		key[i] = byte(i)
	}
	c := phone.OfflineChallenge{
		ID: "0123456789abcdefghjkmnpqrs", Account: phone.AccountTag("https://login.example.org", "n00abcdefgh"),
		Until: time.Unix(1795435320, 0), Client: "CPMS 2.0", Browser: "Firefox, Linux · 192.0.2.7",
	}
	text := c.Text("https://login.example.org")
	read, err := phoneclient.ParseSignCode(text)
	if err != nil {
		t.Fatal(err)
	}
	l := phoneclient.Link{Issuer: "https://login.example.org", DeviceID: "zyxwvtsrqpnmkjhgfedcba9876", Tag: c.Account, Offline: key}
	code, err := phoneclient.OfflineCode(l, read, "4711", time.Unix(1795435200, 0))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		text, "    " + code, "| wrong PIN 4712 | `" + must(phoneclient.OfflineCode(l, read, "4712", time.Unix(1795435200, 0))) + "` |",
		"`" + fmt.Sprintf("%x", phone.OfflinePIN(key, l.DeviceID, "4711")) + "`",
	} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("the document lacks %q", want)
		}
	}
}

func must(s string, err error) string {
	if err != nil {
		panic(err)
	}
	return s
}
