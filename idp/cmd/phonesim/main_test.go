package main

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/phonetest"
)

// sim runs the command and gives its exit status and output.
type sim struct{ state string }

func (s sim) run(t *testing.T, stdin string, args ...string) (int, string, string) {
	t.Helper()
	var out, errs bytes.Buffer
	args = append([]string{args[0], "--state", s.state}, args[1:]...)
	status := run(t.Context(), args, func(string) string { return "" }, strings.NewReader(stdin), &out, &errs)
	return status, out.String(), errs.String()
}

func (s sim) ok(t *testing.T, args ...string) string {
	t.Helper()
	status, out, errs := s.run(t, "", args...)
	if status != done {
		t.Fatalf("%v: status %d, %s", args, status, errs)
	}
	return out
}

// world runs on the real clock, as the command does.
func world(t *testing.T) (*phonetest.World, sim) {
	t.Helper()
	w := phonetest.New(t)
	w.Clock.Pass(time.Since(w.Clock.Now()))
	return w, sim{filepath.Join(t.TempDir(), "phone.json")}
}

func TestTheGuidesPhone(t *testing.T) {
	w, s := world(t)
	anna := w.Anna(t)
	e, secret, err := w.Phone.Begin(t.Context(), anna.ID, phone.NewDevice{Name: "phone", PIN: "4711", Again: "4711"})
	if err != nil {
		t.Fatal(err)
	}
	text := phone.CodeText(w.Issuer, e.ID, secret)
	if status, _, errs := s.run(t, text, "enrol", "--pin", "9999", "-"); status != failed || !strings.Contains(errs, "phone.pin_wrong (4 tries left)") {
		t.Fatalf("wrong PIN: %d %s", status, errs)
	}
	if out := s.ok(t, "enrol", "--pin", "4711", text); !strings.Contains(out, "initialised for "+anna.Name()) {
		t.Errorf("enrol: %s", out)
	}
	if status, _, _ := s.run(t, "", "inbox"); status != nothing {
		t.Errorf("an empty inbox: status %d", status)
	}
	push := w.Push(t, anna, "flow")
	var seen struct{ ID, Service, Account string }
	if err := json.Unmarshal([]byte(s.ok(t, "inbox", "--json")), &seen); err != nil || seen.ID != push.ID || seen.Service != "CPMS 2.0" || seen.Account != anna.Email {
		t.Errorf("inbox: %+v %v", seen, err)
	}
	s.ok(t, "approve", "--number", push.Number, "--pin", "4711")
	if o, _ := w.Phone.Poll(t.Context(), push.ID); o.State != phone.Approved {
		t.Errorf("the browser sees %s", o.State)
	}
	push = w.Push(t, anna, "flow-2")
	s.ok(t, "deny", "--not-me")
	if o, _ := w.Phone.Poll(t.Context(), push.ID); o.State != phone.Denied {
		t.Errorf("the browser sees %s", o.State)
	}
	if out := s.ok(t, "devices"); !strings.Contains(out, "active") {
		t.Errorf("devices: %s", out)
	}
	s.ok(t, "unlink")
	if status, _, errs := s.run(t, "", "inbox"); status != failed || !strings.Contains(errs, "not initialised") {
		t.Errorf("after unlink: %d %s", status, errs)
	}
}

func TestALostAnswerIsRepeatedWithTheSameKey(t *testing.T) {
	w, s := world(t)
	anna := w.Anna(t)
	e, secret, err := w.Phone.Begin(t.Context(), anna.ID, phone.NewDevice{Name: "phone", PIN: "4711", Again: "4711"})
	if err != nil {
		t.Fatal(err)
	}
	text := phone.CodeText(w.Issuer, e.ID, secret)
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // the call never gets through
	if status := run(ctx, []string{"enrol", "--state", s.state, "--pin", "4711", text}, func(string) string { return "" }, nil, &bytes.Buffer{}, &bytes.Buffer{}); status != failed {
		t.Fatalf("status %d", status)
	}
	s.ok(t, "enrol", "--pin", "4711", text)
	if out := s.ok(t, "devices", "--json"); !strings.Contains(out, e.ID) {
		t.Errorf("devices: %s", out)
	}
}

func TestSeveralAccounts(t *testing.T) {
	w, s := world(t)
	anna, bert := w.Anna(t), w.Person(t, "Bert", "bert@example.org")
	for _, who := range []account.Account{anna, bert} {
		e, secret, err := w.Phone.Begin(t.Context(), who.ID, phone.NewDevice{Name: "phone", PIN: "4711", Again: "4711"})
		if err != nil {
			t.Fatal(err)
		}
		s.ok(t, "enrol", "--pin", "4711", phone.CodeText(w.Issuer, e.ID, secret))
	}
	one, two := w.Push(t, anna, "a"), w.Push(t, bert, "b")
	if status, _, errs := s.run(t, "", "approve", "--number", one.Number, "--pin", "4711"); status != failed || !strings.Contains(errs, "--account") {
		t.Errorf("two sign-ins: %d %s", status, errs)
	}
	s.ok(t, "approve", "--account", "ANNA@example.org", "--number", one.Number, "--pin", "4711")
	s.ok(t, "deny", "--request", two.ID)
}

func TestUsage(t *testing.T) {
	s := sim{filepath.Join(t.TempDir(), "phone.json")}
	for _, args := range [][]string{{"dance"}, {"enrol"}, {"enrol", "a", "b"}, {"approve", "--number", "12"}, {"inbox", "--what"}} {
		if status, _, errs := s.run(t, "", args...); status != misused || errs == "" {
			t.Errorf("%v: status %d, %q", args, status, errs)
		}
	}
	if status, _, errs := s.run(t, "", "enrol", "--pin", "4711", "hello"); status != failed || !strings.Contains(errs, "not an initialisation code") {
		t.Errorf("no code: %d %s", status, errs)
	}
}
