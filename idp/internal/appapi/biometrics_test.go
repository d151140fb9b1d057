package appapi_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/phoneclient"
	"eulogin.example/idp/internal/phonelogin"
	"eulogin.example/idp/internal/phonetest"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/webauthntest"
)

// finger is an authenticator for tests, with what a test makes it say instead.
type finger struct {
	*webauthntest.Authenticator
	t   testing.TB
	say func(options string) string
}

func (f finger) Create(options []byte) ([]byte, error) {
	return []byte(f.Authenticator.Create(f.t, string(options))), nil
}

func (f finger) Get(options []byte) ([]byte, error) {
	if f.say != nil {
		return []byte(f.say(string(options))), nil
	}
	return []byte(f.Authenticator.Get(f.t, string(options))), nil
}

func newFinger(t testing.TB, w *phonetest.World) finger {
	return finger{Authenticator: webauthntest.New(t, w.Issuer, "localhost"), t: t}
}

func TestBiometricsStandForThePIN(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	l := w.Initialise(t, anna, "phone")
	method := phonelogin.Method{Phone: w.Phone}
	if can, _ := method.Enrolled(t.Context(), anna.ID); len(can) != 1 || can[0] != policy.AppPIN {
		t.Errorf("before: %v", can)
	}
	f := newFinger(t, w)
	wants(t, w.Client.BiometricsOn(t.Context(), l, "9753", f), "phone.pin_wrong")
	wants(t, w.Client.BiometricsOn(t.Context(), l, phonetest.PIN, f), "")
	if m := w.Last(t); m.Kind != notify.DeviceBioOn || m.To != anna.Email {
		t.Errorf("notice %+v", m)
	}
	if d, err := w.Client.Device(t.Context(), l); err != nil || !d.Biometrics {
		t.Errorf("the phone asks: %+v %v", d, err)
	}
	if can, _ := method.Enrolled(t.Context(), anna.ID); len(can) != 2 {
		t.Errorf("switched on: %v", can)
	}
	push := w.Push(t, anna, "flow")
	r := w.Received(t, l)
	looked := w.Hasher.Verified.Load()
	wants(t, w.Client.ApproveByBiometrics(t.Context(), l, r, push.Number, f), "")
	if w.Hasher.Verified.Load() != looked {
		t.Error("a PIN was looked at")
	}
	if _, proven, err := method.Poll(t.Context(), push.ID); err != nil || proven.Method != policy.AppBiometrics || proven.FactorID != l.DeviceID {
		t.Errorf("proven %+v %v", proven, err)
	}
	push = w.Push(t, anna, "flow-2") // the PIN works as before
	wants(t, w.Client.Approve(t.Context(), l, w.Received(t, l), push.Number, phonetest.PIN), "")
	if _, proven, err := method.Poll(t.Context(), push.ID); err != nil || proven.Method != policy.AppPIN {
		t.Errorf("proven %+v %v", proven, err)
	}
	wants(t, w.Client.BiometricsOff(t.Context(), l, "9753"), "phone.pin_wrong")
	wants(t, w.Client.BiometricsOff(t.Context(), l, phonetest.PIN), "")
	if m := w.Last(t); m.Kind != notify.DeviceBioOff {
		t.Errorf("notice %+v", m)
	}
	push = w.Push(t, anna, "flow-3")
	wants(t, w.Client.ApproveByBiometrics(t.Context(), l, w.Received(t, l), push.Number, f), "phone.biometrics_off")
	state(t, w, push, phone.Pending)
}

// Nothing but this authenticator's word, for its verified user, on this very statement counts.
func TestWhatIsNoAnswerOfThePhonesAuthenticator(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	l := w.Initialise(t, anna, "phone")
	f := newFinger(t, w)
	wants(t, w.Client.BiometricsOn(t.Context(), l, phonetest.PIN, f), "")
	push := w.Push(t, anna, "first")
	before := ""
	first := f
	first.say = func(options string) string { before = f.Authenticator.Get(t, options); return before }
	wants(t, w.Client.ApproveByBiometrics(t.Context(), l, w.Received(t, l), push.Number, first), "")
	for name, wrong := range map[string]func(f *finger){
		"present, not verified": func(f *finger) { f.Flags = webauthntest.UP },
		"another page":          func(f *finger) { f.Origin = "https://evil.test" },
		"in a frame":            func(f *finger) { f.Cross = true },
		"another service":       func(f *finger) { f.RPID = "evil.test" },
		"another key": func(f *finger) {
			other := newFinger(t, w)
			other.ID, other.Counter = f.ID, f.Counter
			f.Authenticator = other.Authenticator
		},
		"another credential":   func(f *finger) { f.Authenticator = newFinger(t, w).Authenticator },
		"another statement":    func(f *finger) { f.say = func(string) string { return f.Authenticator.Get(t, `{"challenge":"AAAA"}`) } },
		"the answer of before": func(f *finger) { f.say = func(string) string { return before } },
		"no JSON":              func(f *finger) { f.say = func(string) string { return `"hello"` } },
	} {
		w.Clock.Pass(time.Hour) // requests are limited
		push := w.Push(t, anna, name)
		r := w.Received(t, l)
		bad := f
		copied := *f.Authenticator
		bad.Authenticator = &copied
		wrong(&bad)
		err := w.Client.ApproveByBiometrics(t.Context(), l, r, push.Number, bad)
		var p *phoneclient.Problem
		if errors.As(err, &p); p == nil || p.Code != "phone.biometrics_wrong" || p.TriesLeft == nil || *p.TriesLeft != phone.BioTries-1 {
			t.Errorf("%s: %v", name, err)
		}
		state(t, w, push, phone.Pending)
		f.Counter = max(f.Counter, copied.Counter)
		good := f
		good.say = func(options string) string { before = f.Authenticator.Get(t, options); return before }
		wants(t, w.Client.ApproveByBiometrics(t.Context(), l, r, push.Number, good), "") // which forgives the wrong one
	}
}

func TestFiveWrongAnswersSwitchBiometricsOff(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	l := w.Initialise(t, anna, "phone")
	f := newFinger(t, w)
	wants(t, w.Client.BiometricsOn(t.Context(), l, phonetest.PIN, f), "")
	push := w.Push(t, anna, "flow")
	r := w.Received(t, l)
	f.Flags = webauthntest.UP
	for range phone.BioTries - 1 {
		wants(t, w.Client.ApproveByBiometrics(t.Context(), l, r, push.Number, f), "phone.biometrics_wrong")
	}
	wants(t, w.Client.ApproveByBiometrics(t.Context(), l, r, push.Number, f), "phone.biometrics_off")
	f.Flags |= webauthntest.UV
	wants(t, w.Client.ApproveByBiometrics(t.Context(), l, r, push.Number, f), "phone.biometrics_off")
	if d, err := w.Client.Device(t.Context(), l); err != nil || d.Biometrics || d.Status != "active" {
		t.Errorf("the phone asks: %+v %v", d, err)
	}
	if m := w.Last(t); m.Kind != notify.DeviceBioOff {
		t.Errorf("notice %+v", m)
	}
	if got := strings.Count(strings.Join(w.Actions(t), " "), "device.biometrics_off"); got != 1 {
		t.Errorf("%d times on record", got)
	}
	wants(t, w.Client.Approve(t.Context(), l, r, push.Number, phonetest.PIN), "") // the PIN has its own count
}

// A copy of the authenticator shows by its counter; there are two then, and none is believed.
func TestACopiedAuthenticatorIsSwitchedOff(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	l := w.Initialise(t, anna, "phone")
	f := newFinger(t, w)
	wants(t, w.Client.BiometricsOn(t.Context(), l, phonetest.PIN, f), "")
	copied := *f.Authenticator
	push := w.Push(t, anna, "a")
	wants(t, w.Client.ApproveByBiometrics(t.Context(), l, w.Received(t, l), push.Number, f), "")
	push = w.Push(t, anna, "b")
	wants(t, w.Client.ApproveByBiometrics(t.Context(), l, w.Received(t, l), push.Number, finger{Authenticator: &copied, t: t}), "phone.biometrics_off")
	state(t, w, push, phone.Pending)
}

func TestSwitchingBiometricsOnHappensOnceAndInTime(t *testing.T) {
	w := phonetest.New(t)
	anna, bert := w.Anna(t), w.Person(t, "Bert", "bert@example.org")
	l, other := w.Initialise(t, anna, "phone"), w.Initialise(t, bert, "phone")
	slow := pausing{finger: newFinger(t, w), meanwhile: func() { w.Clock.Pass(phone.BioFor + time.Second) }}
	wants(t, w.Client.BiometricsOn(t.Context(), l, phonetest.PIN, slow), "phone.biometrics_off")
	unverified := newFinger(t, w)
	unverified.Flags = webauthntest.UP
	wants(t, w.Client.BiometricsOn(t.Context(), l, phonetest.PIN, unverified), "phone.biometrics_wrong")
	f := newFinger(t, w)
	wants(t, w.Client.BiometricsOn(t.Context(), l, phonetest.PIN, f), "")
	kept := new([]byte)
	wants(t, w.Client.BiometricsOn(t.Context(), l, phonetest.PIN, pausing{finger: f, kept: kept}), "")
	wants(t, w.Client.BiometricsOn(t.Context(), other, phonetest.PIN, pausing{finger: f, replay: *kept}), "phone.biometrics_wrong")
	if d, _ := w.Client.Device(t.Context(), other); d.Biometrics {
		t.Error("one phone's answer switched another's on")
	}
}

// pausing takes its time, and can keep or repeat what was answered.
type pausing struct {
	finger
	meanwhile func()
	kept      *[]byte
	replay    []byte
}

func (p pausing) Create(options []byte) ([]byte, error) {
	if p.meanwhile != nil {
		p.meanwhile()
	}
	if p.replay != nil {
		return p.replay, nil
	}
	answer, err := p.finger.Create(options)
	if p.kept != nil {
		*p.kept = answer
	}
	return answer, err
}

func TestBiometricsOfOnePhoneAreNothingOnAnother(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	one, two := w.Initialise(t, anna, "one"), w.Initialise(t, anna, "two")
	f := newFinger(t, w)
	wants(t, w.Client.BiometricsOn(t.Context(), one, phonetest.PIN, f), "")
	push := w.Push(t, anna, "flow")
	wants(t, w.Client.ApproveByBiometrics(t.Context(), two, w.Received(t, two), push.Number, f), "phone.biometrics_off")
	wants(t, w.Client.BiometricsOn(t.Context(), two, phonetest.PIN, newFinger(t, w)), "")
	wants(t, w.Client.ApproveByBiometrics(t.Context(), two, w.Received(t, two), push.Number, f), "phone.biometrics_wrong")
}
