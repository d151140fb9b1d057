package appapi_test

import (
	"errors"
	"strings"
	"testing"

	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/phoneclient"
	"eulogin.example/idp/internal/phonetest"
	"eulogin.example/proto/kit/fault"
)

func TestTenWrongPINsDisableTheDevice(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	link := w.Initialise(t, anna, "phone")
	push := w.Push(t, anna, "flow")
	r := w.Received(t, link)
	for left := 9; left > 0; left-- {
		err := w.Client.Approve(t.Context(), link, r, push.Number, "9753")
		wants(t, err, "phone.pin_wrong")
		var p *phoneclient.Problem
		if errors.As(err, &p); p.TriesLeft == nil || *p.TriesLeft != left {
			t.Fatalf("%v, want %d left", err, left)
		}
	}
	wants(t, w.Client.Approve(t.Context(), link, r, push.Number, "9753"), "phone.device_disabled")
	wants(t, w.Client.Approve(t.Context(), link, r, push.Number, phonetest.PIN), "phone.device_disabled")
	_, err := w.Client.Requests(t.Context(), link, 0)
	wants(t, err, "phone.device_disabled")
	if d, err := w.Client.Device(t.Context(), link); err != nil || d.Status != "disabled" {
		t.Errorf("the phone asks: %+v %v", d, err)
	}
	if m := w.Last(t); m.Kind != notify.DeviceWasDisabled || len(w.Sent(t)) != 2 {
		t.Errorf("notices end with %s", m.Kind)
	}
	if got := strings.Join(w.Actions(t), " "); got != "device.added device.disabled factor.added" {
		t.Errorf("record: %s", got)
	}
	if got := w.Resets.All(); len(got) != 1 || got[0] != anna.ID {
		t.Errorf("factors reset: %v", got)
	}
	if on, _ := w.Phone.Enrolled(t.Context(), anna.ID); on {
		t.Error("a disabled device counts as a factor")
	}
	if _, err := w.Phone.Start(t.Context(), phone.Ask{Flow: "x", Account: anna.ID}); !errors.Is(err, phone.ErrNoDevice) {
		t.Errorf("push to a disabled device: %v", err)
	}
}

func TestARightPINForgivesWrongOnes(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	link := w.Initialise(t, anna, "phone")
	for round := range 3 {
		push := w.Push(t, anna, "flow-"+string(rune('a'+round)))
		r := w.Received(t, link)
		for range phone.PINTries - 1 {
			wants(t, w.Client.Approve(t.Context(), link, r, push.Number, "9753"), "phone.pin_wrong")
		}
		wants(t, w.Client.Approve(t.Context(), link, r, push.Number, phonetest.PIN), "")
	}
}

func TestParallelGuessesOfThePINCountEach(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	link := w.Initialise(t, anna, "phone")
	push := w.Push(t, anna, "flow")
	r := w.Received(t, link)
	w.Hasher.Slow.Store(true)
	before := w.Hasher.Verified.Load()
	race(t, 60, func() error { return w.Client.Approve(t.Context(), link, r, push.Number, "9753") })
	if n := w.Hasher.Verified.Load() - before; n != phone.PINTries {
		t.Errorf("%d PINs were looked at", n)
	}
	d, err := w.Phone.ByID(t.Context(), link.DeviceID)
	if err != nil || d.Status != phone.Disabled || d.PINFailures != phone.PINTries {
		t.Fatalf("device %s with %d failures, %v", d.Status, d.PINFailures, err)
	}
	if n := len(w.Sent(t)); n != 2 {
		t.Errorf("%d notices", n)
	}
}

func TestTheFourthPushOfASignInIsRefused(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	link := w.Initialise(t, anna, "phone")
	var last phone.Push
	for range 3 {
		last = w.Push(t, anna, "flow")
	}
	if _, err := w.Phone.Start(t.Context(), phone.Ask{Flow: "flow", Account: anna.ID}); fault.KindOf(err) != fault.TooMany {
		t.Fatalf("fourth push: %v", err)
	}
	if r := w.Received(t, link); r.ID != last.ID {
		t.Error("not the newest request is open")
	}
	for i := range 7 {
		w.Push(t, anna, "other-"+string(rune('a'+i)))
	}
	if _, err := w.Phone.Start(t.Context(), phone.Ask{Flow: "eleventh", Account: anna.ID}); fault.KindOf(err) != fault.TooMany {
		t.Fatalf("eleventh push in an hour: %v", err)
	}
}

func TestANewerPushOfTheSameSignInReplacesTheOlder(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	link := w.Initialise(t, anna, "phone")
	old := w.Push(t, anna, "flow")
	r := w.Received(t, link)
	w.Push(t, anna, "flow")
	wants(t, w.Client.Approve(t.Context(), link, r, old.Number, phonetest.PIN), "phone.request_expired")
	state(t, w, old, phone.Expired)
}

// disable types wrong PINs until the device is off.
func disable(t testing.TB, w *phonetest.World, l phoneclient.Link) {
	t.Helper()
	for range phone.PINTries {
		if _, err := w.Client.RenewOffline(t.Context(), l, "9753"); err == nil {
			t.Fatal("a wrong PIN was taken")
		}
	}
}
