package main

import (
	"net/url"
	"strings"
	"testing"

	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/phoneclient"
	"eulogin.example/idp/internal/phonetest"
)

// The robot's offline code needs nothing but its memory, and its approval on the same phone
// says where the browser has to go.
func TestCodesAndOnMobileOnTheCommandLine(t *testing.T) {
	w, s := world(t)
	anna, bert := w.Anna(t), w.Person(t, "Bert", "bert@example.org")
	e, secret, err := w.Phone.Begin(t.Context(), anna.ID, phone.NewDevice{Name: "phone", PIN: "4711", Again: "4711"})
	if err != nil {
		t.Fatal(err)
	}
	s.ok(t, "enrol", "--pin", "4711", phone.CodeText(w.Issuer, e.ID, secret))
	q, text, err := w.Phone.StartQR(t.Context(), phone.Ask{Account: anna.ID, Client: "CPMS 2.0"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Phone.AnswerQR(t.Context(), q.ID, anna.ID, s.ok(t, "offline-code", "--pin", "4711", text)); err != nil {
		t.Error(err)
	}
	_, other, err := w.Phone.StartQR(t.Context(), phone.Ask{Account: bert.ID, Client: "CPMS 2.0"})
	if err != nil {
		t.Fatal(err)
	}
	if status, _, errs := s.run(t, other, "offline-code", "--pin", "4711", "-"); status != failed || !strings.Contains(errs, "not on this phone") {
		t.Errorf("another account: %d %s", status, errs)
	}
	h, err := w.Phone.StartHere(t.Context(), phone.Ask{Flow: "flow", Account: anna.ID, Client: "CPMS 2.0", Binding: "b"})
	if err != nil {
		t.Fatal(err)
	}
	back, err := url.Parse(strings.TrimSpace(s.ok(t, "on-mobile", "--pin", "4711", phone.HereText(w.Issuer, h.ID))))
	if err != nil || !strings.HasPrefix(back.String(), w.Issuer+"/login?flow=flow#code.") {
		t.Fatalf("%s %v", back, err)
	}
	if d, err := w.Phone.RedeemHere(t.Context(), h.ID, anna.ID, strings.TrimPrefix(back.Fragment, "code.")); err != nil || d.ID != e.ID {
		t.Errorf("%+v %v", d, err)
	}
	for _, args := range [][]string{{"offline-code", "--pin", "4711"}, {"on-mobile", phone.HereText(w.Issuer, h.ID)}} {
		if status, _, errs := s.run(t, "", args...); status != misused || errs == "" {
			t.Errorf("%v: status %d, %q", args, status, errs)
		}
	}
}

func TestThePINIsChangedOnTheCommandLine(t *testing.T) {
	w, s := world(t)
	anna := w.Anna(t)
	if err := (phoneclient.Memory{Links: []phoneclient.Link{w.Initialise(t, anna, "phone")}}).Save(s.state); err != nil {
		t.Fatal(err)
	}
	s.ok(t, "pin", "--pin", phonetest.PIN, "--new", "8246")
	if status, _, errs := s.run(t, "", "pin", "--pin", phonetest.PIN, "--new", "9753"); status != failed || !strings.Contains(errs, "phone.pin_wrong (9 tries left)") {
		t.Errorf("the former PIN: %d %s", status, errs)
	}
	q, text, err := w.Phone.StartQR(t.Context(), phone.Ask{Account: anna.ID, Client: "CPMS 2.0"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Phone.AnswerQR(t.Context(), q.ID, anna.ID, s.ok(t, "offline-code", "--pin", "8246", text)); err != nil {
		t.Error(err)
	}
	if status, _, _ := s.run(t, "", "pin", "--pin", "8246"); status != misused {
		t.Errorf("no new PIN: %d", status)
	}
}

// A phone from before offline codes has its key after the next approval.
func TestAnApprovalBringsTheOfflineKey(t *testing.T) {
	w, s := world(t)
	anna := w.Anna(t)
	link := w.Initialise(t, anna, "phone")
	link.Offline, link.Tag = nil, ""
	if err := (phoneclient.Memory{Links: []phoneclient.Link{link}}).Save(s.state); err != nil {
		t.Fatal(err)
	}
	push := w.Push(t, anna, "flow")
	s.ok(t, "approve", "--number", push.Number, "--pin", phonetest.PIN)
	q, text, err := w.Phone.StartQR(t.Context(), phone.Ask{Account: anna.ID, Client: "CPMS 2.0"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Phone.AnswerQR(t.Context(), q.ID, anna.ID, s.ok(t, "offline-code", "--pin", phonetest.PIN, text)); err != nil {
		t.Error(err)
	}
}
