package main

import (
	"strings"
	"testing"

	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/phoneclient"
	"eulogin.example/idp/internal/phonetest"
)

func TestBiometricsOnTheCommandLine(t *testing.T) {
	w, s := world(t)
	anna := w.Anna(t)
	if err := (phoneclient.Memory{Links: []phoneclient.Link{w.Initialise(t, anna, "phone")}}).Save(s.state); err != nil {
		t.Fatal(err)
	}
	push := w.Push(t, anna, "flow")
	if status, _, errs := s.run(t, "", "approve", "--number", push.Number, "--finger"); status != failed || !strings.Contains(errs, "not switched on") {
		t.Errorf("before: %d %s", status, errs)
	}
	if status, _, errs := s.run(t, "", "biometrics", "--pin", "9753", "on"); status != failed || !strings.Contains(errs, "phone.pin_wrong") {
		t.Errorf("wrong PIN: %d %s", status, errs)
	}
	s.ok(t, "biometrics", "--pin", phonetest.PIN, "on")
	s.ok(t, "approve", "--number", push.Number, "--finger")
	if o, err := w.Phone.Poll(t.Context(), push.ID); o.State != phone.Approved || o.Unlocked != phone.ByBiometrics || err != nil {
		t.Errorf("the browser sees %+v %v", o, err)
	}
	push = w.Push(t, anna, "flow-2") // the counter was written down
	s.ok(t, "approve", "--number", push.Number, "--finger")
	h, err := w.Phone.StartHere(t.Context(), phone.Ask{Flow: "flow", Account: anna.ID, Client: "CPMS 2.0", Binding: "b"})
	if err != nil {
		t.Fatal(err)
	}
	if out := s.ok(t, "on-mobile", "--finger", phone.HereText(w.Issuer, h.ID)); !strings.Contains(out, "#code.") {
		t.Errorf("on-mobile: %s", out)
	}
	s.ok(t, "biometrics", "--pin", phonetest.PIN, "off")
	push = w.Push(t, anna, "flow-3")
	if status, _, _ := s.run(t, "", "approve", "--number", push.Number, "--finger"); status != failed {
		t.Errorf("switched off: %d", status)
	}
	if status, _, _ := s.run(t, "", "biometrics", "--pin", phonetest.PIN, "perhaps"); status != misused {
		t.Errorf("neither on nor off: %d", status)
	}
}
