package appapi_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/phonetest"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/kv"
	"eulogin.example/proto/kit/sqldb"
)

const newPIN = "8246"

func TestAPINIsChangedAgainstTheOldOne(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	l := w.Initialise(t, anna, "phone")
	old := l
	l, err := w.Client.ChangePIN(t.Context(), l, phonetest.PIN, newPIN)
	wants(t, err, "")
	if m := w.Last(t); m.Kind != notify.DeviceGotPIN || m.To != anna.Email {
		t.Errorf("notice %+v", m)
	}
	if got := strings.Join(w.Actions(t), " "); !strings.Contains(got, "device.pin_changed") {
		t.Errorf("record: %s", got)
	}
	push := w.Push(t, anna, "flow")
	r := w.Received(t, l)
	wants(t, w.Client.Approve(t.Context(), l, r, push.Number, phonetest.PIN), "phone.pin_wrong")
	wants(t, w.Client.Approve(t.Context(), l, r, push.Number, newPIN), "")
	// Codes without a network: the new key with the new PIN, and nothing else.
	q, c := asked(t, w, anna)
	for _, code := range []string{shows(t, w, old, c, phonetest.PIN), shows(t, w, old, c, newPIN), shows(t, w, l, c, phonetest.PIN)} {
		if _, err := w.Phone.AnswerQR(t.Context(), q.ID, anna.ID, code); err == nil {
			t.Error("a code of before the change is taken")
		}
	}
	if _, err := w.Phone.AnswerQR(t.Context(), q.ID, anna.ID, shows(t, w, l, c, newPIN)); err != nil {
		t.Error(err)
	}
}

func TestNewPINsMustBeGood(t *testing.T) {
	w := phonetest.New(t)
	l := w.Initialise(t, w.Anna(t), "phone")
	for pin, want := range map[string]string{
		phonetest.PIN: "phone.pin_weak", "1234": "phone.pin_weak", "0000": "phone.pin_weak", "975": "phone.pin_weak", "9753108": "phone.pin_weak", "97a5": "phone.pin_weak", "": "phone.pin_weak",
	} {
		_, err := w.Client.ChangePIN(t.Context(), l, phonetest.PIN, pin)
		wants(t, err, want)
	}
	_, err := w.Client.ChangePIN(t.Context(), l, "97531x", newPIN)
	wants(t, err, "phone.answer_invalid")
	if d, _ := w.Phone.ByID(t.Context(), l.DeviceID); d.PINFailures != 0 || w.Hasher.Verified.Load() != 1 {
		t.Errorf("a refused new PIN cost a try: %d, %d looked at", d.PINFailures, w.Hasher.Verified.Load())
	}
}

func TestWrongOldPINsCountLikeInASignIn(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	l := w.Initialise(t, anna, "phone")
	push := w.Push(t, anna, "flow")
	r := w.Received(t, l)
	for range 5 {
		_, err := w.Client.ChangePIN(t.Context(), l, "9753", newPIN)
		wants(t, err, "phone.pin_wrong")
	}
	for range 4 {
		wants(t, w.Client.Approve(t.Context(), l, r, push.Number, "9753"), "phone.pin_wrong")
	}
	_, err := w.Client.ChangePIN(t.Context(), l, "9753", newPIN)
	wants(t, err, "phone.device_disabled")
	_, err = w.Client.ChangePIN(t.Context(), l, phonetest.PIN, newPIN)
	wants(t, err, "phone.device_disabled")
}

// A hundred who know the PIN would disable the device before they came so far: tries are
// counted before they are looked at. What they would do then is raced here.
func TestOfAHundredChangesOfAPINOneWins(t *testing.T) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) {
		clock := accounttest.NewClock()
		w := phonetest.With(t, db, kv.NewEmbedded(db, clock.Now), clock)
		l := w.Initialise(t, w.Anna(t), "phone")
		d, err := w.Phone.ByID(t.Context(), l.DeviceID)
		if err != nil {
			t.Fatal(err)
		}
		var n atomic.Int64
		won := race(t, 100, func() error {
			changed := d
			changed.PINHash = fmt.Sprintf("hash %d", n.Add(1))
			return w.Devices.SetPIN(t.Context(), changed, d.PINHash, phone.Record{At: clock.Now(), Events: []audit.Event{audit.DevicePINChanged(d.Account, d.ID)}})
		})
		if won != 1 {
			t.Errorf("%d changes won", won)
		}
		now, err := w.Phone.ByID(t.Context(), l.DeviceID)
		if err != nil || now.Status != phone.Active || now.PINHash == d.PINHash {
			t.Errorf("%+v %v", now, err)
		}
		if got := strings.Count(strings.Join(w.Actions(t), " "), "device.pin_changed"); got != 1 {
			t.Errorf("%d changes on record", got)
		}
	}, sqlstore.Migrations())
}
