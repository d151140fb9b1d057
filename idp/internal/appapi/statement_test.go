package appapi_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/phoneclient"
	"eulogin.example/idp/internal/phonetest"
)

// Whatever else a phone may have been shown, it did not approve this request.
func TestAnAnswerCountsOnlyForExactlyWhatWasShown(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	link := w.Initialise(t, anna, "phone")
	push := w.Push(t, anna, "flow")
	for name, change := range map[string]func(*phoneclient.Request){
		"service": func(r *phoneclient.Request) { r.Service = "My account" },
		"browser": func(r *phoneclient.Request) { r.Browser = "Safari, iOS" },
		"address": func(r *phoneclient.Request) { r.Address = "198.51.100.1" },
		"time":    func(r *phoneclient.Request) { r.CreatedAt++ },
		"lines":   func(r *phoneclient.Request) { r.Service, r.Browser = r.Service+"\n"+r.Browser, "" },
	} {
		r := w.Received(t, link)
		change(&r)
		if got := code(t, w.Client.Approve(t.Context(), link, r, push.Number, phonetest.PIN)); got != "phone.statement_invalid" {
			t.Errorf("another %s: %q", name, got)
		}
		if got := code(t, w.Client.Deny(t.Context(), link, r, true)); got != "phone.statement_invalid" {
			t.Errorf("another %s, refused: %q", name, got)
		}
	}
	state(t, w, push, phone.Pending)
	if d, _ := w.Phone.ByID(t.Context(), link.DeviceID); d.PINFailures != 0 || w.Hasher.Verified.Load() != 1 {
		t.Error("a PIN was looked at for another screen")
	}
	wants(t, w.Client.Approve(t.Context(), link, w.Received(t, link), push.Number, phonetest.PIN), "")
	var kept string
	if err := w.DB.QueryRowContext(t.Context(), `SELECT detail FROM audit_events WHERE action = 'signin.answered'`).Scan(&kept); err != nil {
		t.Fatal(err)
	}
	var proof struct{ Statement, Signature string }
	if err := json.Unmarshal([]byte(kept), &proof); err != nil {
		t.Fatal(err)
	}
	signature, err := base64.RawURLEncoding.DecodeString(proof.Signature)
	d, _ := w.Phone.ByID(t.Context(), link.DeviceID)
	if err != nil || !d.Key.Verify([]byte(proof.Statement), signature) || !strings.Contains(proof.Statement, "\napprove\n"+push.Number+"\npin\n") || strings.Contains(kept, phonetest.PIN) {
		t.Errorf("what is kept proves nothing: %s", kept)
	}
}
