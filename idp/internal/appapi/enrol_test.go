package appapi_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/phoneclient"
	"eulogin.example/idp/internal/phonetest"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/kv"
)

// code gives the problem code of a call's error, "" when there is none.
func code(t testing.TB, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var p *phoneclient.Problem
	if !errors.As(err, &p) {
		t.Fatalf("not an answer of the server: %v", err)
	}
	return p.Code
}

func wants(t testing.TB, err error, want string) {
	t.Helper()
	if got := code(t, err); got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
}

func TestEnrolmentFromQRCodeToDevice(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	scanned := w.Begin(t, anna, "Anna's phone")
	if on, err := w.Phone.Enrolled(t.Context(), anna.ID); on || err != nil {
		t.Fatalf("a factor before the phone was initialised: %v", err)
	}
	link, err := w.Client.Enrol(t.Context(), scanned, phonetest.Key(t), phonetest.PIN, "Android 15 · Chrome")
	if err != nil {
		t.Fatal(err)
	}
	if link.Name != "Anna's phone" || link.Account != anna.Name() || link.Email != anna.Email {
		t.Errorf("the phone learned %+v", link)
	}
	e, err := w.Phone.Enrolment(t.Context(), anna.ID, scanned.ID)
	if err != nil || !e.Done || e.PINHash != "" {
		t.Errorf("the computer sees %+v, %v", e, err)
	}
	devices, waiting, err := w.Phone.Devices(t.Context(), anna.ID)
	if err != nil || len(devices) != 1 || len(waiting) != 0 || devices[0].System != "Android 15 · Chrome" || devices[0].Status != phone.Active {
		t.Errorf("devices %+v, waiting %+v, %v", devices, waiting, err)
	}
	if m := w.Last(t); m.Kind != notify.FactorWasAdded || m.To != anna.Email {
		t.Errorf("notice %+v", m)
	}
	if got := strings.Join(w.Actions(t), " "); got != "device.added factor.added" {
		t.Errorf("record: %s", got)
	}
	if d, err := w.Client.Device(t.Context(), link); err != nil || d.Status != "active" {
		t.Errorf("the phone asks: %+v %v", d, err)
	}
}

func TestEnrolmentCodeWorksOnce(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	scanned, key := w.Begin(t, anna, "phone"), phonetest.Key(t)
	first, err := w.Client.Enrol(t.Context(), scanned, key, phonetest.PIN, "")
	wants(t, err, "")
	_, err = w.Client.Enrol(t.Context(), scanned, phonetest.Key(t), phonetest.PIN, "")
	wants(t, err, "phone.code_used")
	again, err := w.Client.Enrol(t.Context(), scanned, key, phonetest.PIN, "") // its answer was lost
	wants(t, err, "")
	if again.DeviceID != first.DeviceID {
		t.Error("the phone got a second device")
	}
	if n := len(w.Sent(t)); n != 1 {
		t.Errorf("%d notices", n)
	}
}

func TestEnrolmentCodeExpires(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	scanned := w.Begin(t, anna, "phone")
	w.Clock.Pass(phone.EnrolFor)
	_, err := w.Client.Enrol(t.Context(), scanned, phonetest.Key(t), phonetest.PIN, "")
	wants(t, err, "phone.code_unknown")
	if _, waiting, _ := w.Phone.Devices(t.Context(), anna.ID); len(waiting) != 0 {
		t.Error("the waiting device is still listed")
	}
}

func TestEnrolmentCodeMustBeTheNewestAndWhole(t *testing.T) {
	w := phonetest.New(t)
	anna, bert := w.Anna(t), w.Person(t, "Bert", "bert@example.org")
	old := w.Begin(t, anna, "phone")
	_, secret, err := w.Phone.Reissue(t.Context(), anna.ID, old.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.Phone.Reissue(t.Context(), bert.ID, old.ID); !errors.Is(err, phone.ErrCodeUnknown) {
		t.Errorf("another account renews the code: %v", err)
	}
	for name, c := range map[string]phoneclient.Code{
		"replaced":      old,
		"wrong secret":  {Issuer: old.Issuer, ID: old.ID, Secret: strings.Repeat("0", 26)},
		"no secret":     {Issuer: old.Issuer, ID: old.ID},
		"unknown id":    {Issuer: old.Issuer, ID: strings.Repeat("0", 26), Secret: secret},
		"id of a key":   {Issuer: old.Issuer, ID: "enrol:" + old.ID, Secret: secret},
		"other's digit": {Issuer: old.Issuer, ID: old.ID, Secret: secret[:25]},
	} {
		_, err := w.Client.Enrol(t.Context(), c, phonetest.Key(t), phonetest.PIN, "")
		if code(t, err) != "phone.code_unknown" {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err = w.Client.Enrol(t.Context(), phoneclient.Code{Issuer: old.Issuer, ID: old.ID, Secret: secret}, phonetest.Key(t), phonetest.PIN, "")
	wants(t, err, "")
}

func TestEnrolmentDiesOfFiveWrongPINs(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	scanned, key := w.Begin(t, anna, "phone"), phonetest.Key(t)
	for left := 4; left > 0; left-- {
		_, err := w.Client.Enrol(t.Context(), scanned, key, "9753", "")
		wants(t, err, "phone.pin_wrong")
		var p *phoneclient.Problem
		if errors.As(err, &p); p.TriesLeft == nil || *p.TriesLeft != left {
			t.Fatalf("tries left: %v, want %d", p, left)
		}
	}
	for _, pin := range []string{"9753", phonetest.PIN} {
		_, err := w.Client.Enrol(t.Context(), scanned, key, pin, "")
		wants(t, err, "phone.code_dead")
	}
	if _, _, err := w.Phone.Reissue(t.Context(), anna.ID, scanned.ID); !errors.Is(err, phone.ErrCodeDead) {
		t.Errorf("a new code for a dead enrolment: %v", err)
	}
	if e, err := w.Phone.Enrolment(t.Context(), anna.ID, scanned.ID); err != nil || !e.Dead() {
		t.Errorf("the computer sees %+v %v", e, err)
	}
}

func TestOfAHundredPhonesOneWins(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	scanned := w.Begin(t, anna, "phone")
	w.Hasher.Slow.Store(true) // so that all with a right PIN get there together
	won := race(t, 100, func() error {
		_, err := w.Client.Enrol(t.Context(), scanned, phonetest.Key(t), phonetest.PIN, "")
		if got := code(t, err); got != "" && got != "phone.code_used" && got != "phone.code_dead" {
			t.Errorf("a loser hears %s", got)
		}
		return err
	})
	if won != 1 {
		t.Fatalf("%d phones won", won)
	}
	if devices, _, _ := w.Phone.Devices(t.Context(), anna.ID); len(devices) != 1 || len(w.Sent(t)) != 1 {
		t.Fatalf("%d devices, %d notices", len(devices), len(w.Sent(t)))
	}
}

func TestParallelGuessesOfTheEnrolmentPINCountEach(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	scanned := w.Begin(t, anna, "phone")
	w.Hasher.Slow.Store(true)
	race(t, 60, func() error {
		_, err := w.Client.Enrol(t.Context(), scanned, phonetest.Key(t), "9753", "")
		return err
	})
	if n := w.Hasher.Verified.Load(); n != phone.EnrolPINs {
		t.Fatalf("%d PINs were looked at", n)
	}
	_, err := w.Client.Enrol(t.Context(), scanned, phonetest.Key(t), phonetest.PIN, "")
	wants(t, err, "phone.code_dead")
}

func TestBeginRefuses(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	w.Initialise(t, anna, "taken")
	for name, c := range map[string]struct {
		in    phone.NewDevice
		field string
	}{
		"common PIN":  {phone.NewDevice{Name: "new", PIN: "1234", Again: "1234"}, "pin"},
		"short PIN":   {phone.NewDevice{Name: "new", PIN: "47", Again: "47"}, "pin"},
		"other PIN":   {phone.NewDevice{Name: "new", PIN: "4711", Again: "4712"}, "pin_again"},
		"no name":     {phone.NewDevice{PIN: "4711", Again: "4711"}, "name"},
		"name in use": {phone.NewDevice{Name: " taken ", PIN: "4711", Again: "4711"}, "name"},
	} {
		_, _, err := w.Phone.Begin(t.Context(), anna.ID, c.in)
		if !errors.Is(err, phone.ErrForm) || !hasField(err, c.field) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i := range phone.MaxDevices - 1 {
		w.Begin(t, anna, "waiting "+string(rune('a'+i)))
	}
	_, _, err := w.Phone.Begin(t.Context(), anna.ID, phone.NewDevice{Name: "one more", PIN: "4711", Again: "4711"})
	if !errors.Is(err, phone.ErrTooManyDevices) {
		t.Errorf("one more than the most: %v", err)
	}
	w.Clock.Pass(phone.EnrolFor + time.Second)
	w.Begin(t, anna, "one more")
}

// The records carry their own end, on which every store agrees whatever its clock says.
func TestExpiryDoesNotRestOnTheStore(t *testing.T) {
	db, clock := backendtest.SQLite(t, sqlstore.Migrations()), accounttest.NewClock()
	stopped := clock.Now()
	w := phonetest.With(t, db, kv.NewEmbedded(db, func() time.Time { return stopped }), clock)
	anna := w.Anna(t)
	link, scanned := w.Initialise(t, anna, "one"), w.Begin(t, anna, "two")
	push := w.Push(t, anna, "flow")
	r := w.Received(t, link)
	w.Clock.Pass(phone.EnrolFor)
	_, err := w.Client.Enrol(t.Context(), scanned, phonetest.Key(t), phonetest.PIN, "")
	wants(t, err, "phone.code_unknown")
	wants(t, w.Client.Approve(t.Context(), link, r, push.Number, phonetest.PIN), "phone.request_expired")
	if _, _, err := w.Phone.Reissue(t.Context(), anna.ID, scanned.ID); !errors.Is(err, phone.ErrCodeUnknown) {
		t.Errorf("an expired code is renewed: %v", err)
	}
	if _, waiting, err := w.Phone.Devices(t.Context(), anna.ID); err != nil || len(waiting) != 0 {
		t.Errorf("still listed: %v, %v", waiting, err)
	}
}

// When no worker is free the try does not count, and the same call works later.
func TestABusyServerCostsNoTries(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	scanned, key := w.Begin(t, anna, "phone"), phonetest.Key(t)
	w.Hasher.Fail.Store(true)
	for range 2 * phone.EnrolPINs {
		_, err := w.Client.Enrol(t.Context(), scanned, key, phonetest.PIN, "")
		wants(t, err, "password.busy")
	}
	w.Hasher.Fail.Store(false)
	link, err := w.Client.Enrol(t.Context(), scanned, key, phonetest.PIN, "")
	wants(t, err, "")
	push := w.Push(t, anna, "flow")
	r := w.Received(t, link)
	w.Hasher.Fail.Store(true)
	for range 2 * phone.PINTries {
		wants(t, w.Client.Approve(t.Context(), link, r, push.Number, phonetest.PIN), "password.busy")
	}
	w.Hasher.Fail.Store(false)
	wants(t, w.Client.Approve(t.Context(), link, r, push.Number, phonetest.PIN), "")
}
