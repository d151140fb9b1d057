package appapi_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/factor/challenge"
	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/phoneclient"
	"eulogin.example/idp/internal/phonetest"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// asked opens a question as a browser does and gives it with its QR code as a phone reads it.
func asked(t testing.TB, w *phonetest.World, a account.Account) (challenge.Question, phoneclient.SignCode) {
	t.Helper()
	q, text, err := w.Phone.StartQR(t.Context(), phone.Ask{Flow: "flow", Account: a.ID, Client: "CPMS 2.0", Browser: "Firefox, Linux", Address: "192.0.2.7"})
	if err != nil {
		t.Fatal(err)
	}
	code, err := phoneclient.ParseSignCode(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return q, code
}

// shows lets a robot phone answer; its PIN is right unless another is given.
func shows(t testing.TB, w *phonetest.World, l phoneclient.Link, c phoneclient.SignCode, pin string) string {
	t.Helper()
	code, err := phoneclient.OfflineCode(l, c, pin, w.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestAnOfflinePhoneSignsIn(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	first, second := w.Initialise(t, anna, "first"), w.Initialise(t, anna, "second")
	for i, l := range []phoneclient.Link{second, first} {
		q, c := asked(t, w, anna)
		if c.Service != "CPMS 2.0" || c.Browser != "Firefox, Linux · 192.0.2.7" || c.Issuer != w.Issuer {
			t.Errorf("the phone shows %+v", c)
		}
		code := shows(t, w, l, c, phonetest.PIN)
		typed := []string{code[:4] + " " + code[4:], code[:4] + "-" + code[4:] + " "}[i]
		if device, err := w.Phone.AnswerQR(t.Context(), q.ID, anna.ID, typed); err != nil || device != l.DeviceID {
			t.Fatalf("%s %v", device, err)
		}
		if _, err := w.Phone.AnswerQR(t.Context(), q.ID, anna.ID, code); !errors.Is(err, challenge.ErrOver) {
			t.Errorf("the same code again: %v", err)
		}
	}
}

// Security case 33, the published test against relay: a code counts in the sign-in that its
// QR code was made for, and in no other, whoever's and wherever that is.
func TestACodeOfOneSignInIsNoneOfAnother(t *testing.T) {
	w := phonetest.New(t)
	anna, bert := w.Anna(t), w.Person(t, "Bert", "bert@example.org")
	annas, berts := w.Initialise(t, anna, "phone"), w.Initialise(t, bert, "phone")
	mine, c := asked(t, w, anna)
	code := shows(t, w, annas, c, phonetest.PIN)
	attackers, other := asked(t, w, anna) // another browser that knows the password
	if _, err := w.Phone.AnswerQR(t.Context(), attackers.ID, anna.ID, code); !errors.Is(err, phone.ErrCodeWrong) {
		t.Errorf("in another browser's sign-in: %v", err)
	}
	berts1, _ := asked(t, w, bert)
	if _, err := w.Phone.AnswerQR(t.Context(), berts1.ID, bert.ID, code); !errors.Is(err, phone.ErrCodeWrong) {
		t.Errorf("in another person's sign-in: %v", err)
	}
	if _, err := w.Phone.AnswerQR(t.Context(), mine.ID, bert.ID, code); !errors.Is(err, challenge.ErrOver) {
		t.Errorf("for another account: %v", err)
	}
	if _, err := phoneclient.OfflineCode(berts, c, phonetest.PIN, w.Clock.Now()); !errors.Is(err, phoneclient.ErrOtherAccount) {
		t.Errorf("another person's phone answers: %v", err)
	}
	forged := berts
	forged.Tag = annas.Tag // an app that does not care
	if _, err := w.Phone.AnswerQR(t.Context(), mine.ID, anna.ID, shows(t, w, forged, c, phonetest.PIN)); !errors.Is(err, phone.ErrCodeWrong) {
		t.Errorf("another person's phone: %v", err)
	}
	for name, change := range map[string]func(*phoneclient.SignCode){
		"service": func(c *phoneclient.SignCode) { c.Service = "Bank" }, "browser": func(c *phoneclient.SignCode) { c.Browser = "your own" },
		"time": func(c *phoneclient.SignCode) { c.Until++ },
	} {
		changed := other
		change(&changed)
		if _, err := w.Phone.AnswerQR(t.Context(), attackers.ID, anna.ID, shows(t, w, annas, changed, phonetest.PIN)); err == nil {
			t.Errorf("a QR code with another %s was shown, and the code counts", name)
		}
	}
	if _, err := w.Phone.AnswerQR(t.Context(), mine.ID, anna.ID, code); err != nil {
		t.Errorf("where it belongs: %v", err)
	}
}

// A wrong PIN gives a wrong code, nobody says which of the two it was, and the tenth in a row
// disables the phone, over all questions.
func TestAWrongPINOfAnOfflinePhoneCounts(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	l := w.Initialise(t, anna, "phone")
	for i := range phone.PINTries {
		q, c := asked(t, w, anna)
		_, err := w.Phone.AnswerQR(t.Context(), q.ID, anna.ID, shows(t, w, l, c, fmt.Sprintf("55%02d", i)))
		if !errors.Is(err, phone.ErrCodeWrong) || fault.As(err).Args[0] != challenge.MaxTries-1 {
			t.Fatalf("wrong PIN %d: %v", i+1, err)
		}
		w.Clock.Pass(4 * time.Minute) // the limit of questions is another one
		if i == 4 {                   // nine in a row need no success before
			q, c := asked(t, w, anna)
			if _, err := w.Phone.AnswerQR(t.Context(), q.ID, anna.ID, wrongPhone(shows(t, w, l, c, phonetest.PIN))); !errors.Is(err, phone.ErrCodeWrong) {
				t.Fatal(err)
			}
		}
	}
	if d, err := w.Phone.ByID(t.Context(), l.DeviceID); err != nil || d.Status != phone.Disabled {
		t.Errorf("after ten wrong PINs: %s %v", d.Status, err)
	}
	if ok, err := w.Phone.OfflineEnrolled(t.Context(), anna.ID); ok || err != nil {
		t.Errorf("a disabled phone can be chosen: %v", err)
	}
}

// wrongPhone changes the part of a code that names the phone.
func wrongPhone(code string) string { return string('0'+(code[0]-'0'+1)%10) + code[1:] }

// A guess that names no phone counts for the question alone: somebody who knows the password
// cannot disable phones by typing rubbish.
func TestGuessesDoNotDisableAPhone(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	l := w.Initialise(t, anna, "phone")
	for range 4 {
		q, c := asked(t, w, anna)
		code := wrongPhone(shows(t, w, l, c, phonetest.PIN))
		for left := challenge.MaxTries - 1; left > 0; left-- {
			_, err := w.Phone.AnswerQR(t.Context(), q.ID, anna.ID, code)
			if !errors.Is(err, phone.ErrCodeWrong) || fault.As(err).Args[0] != left {
				t.Fatalf("%v, not %d left", err, left)
			}
		}
		if _, err := w.Phone.AnswerQR(t.Context(), q.ID, anna.ID, code); !errors.Is(err, challenge.ErrOver) || !errors.Is(err, challenge.ErrSpent) {
			t.Fatalf("the fifth: %v", err)
		}
		if _, err := w.Phone.AnswerQR(t.Context(), q.ID, anna.ID, shows(t, w, l, c, phonetest.PIN)); !errors.Is(err, challenge.ErrOver) {
			t.Fatalf("the right one afterwards: %v", err)
		}
	}
	if d, err := w.Phone.ByID(t.Context(), l.DeviceID); err != nil || d.Status != phone.Active || d.PINFailures != 0 {
		t.Errorf("%+v %v", d, err)
	}
}

func TestAnOfflineCodeEndsAfterTwoMinutes(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	l := w.Initialise(t, anna, "phone")
	q, c := asked(t, w, anna)
	code := shows(t, w, l, c, phonetest.PIN)
	w.Clock.Pass(phone.QRFor + time.Second)
	if _, err := w.Phone.AnswerQR(t.Context(), q.ID, anna.ID, code); !errors.Is(err, challenge.ErrOver) {
		t.Errorf("at 2:01: %v", err)
	}
	if _, err := phoneclient.OfflineCode(l, c, phonetest.PIN, w.Clock.Now()); !errors.Is(err, phoneclient.ErrOver) {
		t.Errorf("the phone still answers: %v", err)
	}
	w.Clock.Pass(15 * time.Minute)
	for range 10 {
		asked(t, w, anna)
	}
	if _, _, err := w.Phone.StartQR(t.Context(), phone.Ask{Flow: "flow", Account: anna.ID}); fault.KindOf(err) != fault.TooMany {
		t.Errorf("the eleventh QR code: %v", err)
	}
}

// Phones from before offline codes get their key against the PIN, at the next contact.
func TestAnOlderPhoneGetsItsOfflineKey(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	l := w.Initialise(t, anna, "phone")
	d, err := w.Phone.ByID(t.Context(), l.DeviceID)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Devices.SetOffline(t.Context(), d.ID, d.PINHash, phone.Offline{}); err != nil {
		t.Fatal(err)
	}
	if ok, _ := w.Phone.OfflineEnrolled(t.Context(), anna.ID); ok {
		t.Error("a phone without a key is offered")
	}
	if _, err := w.Client.RenewOffline(t.Context(), l, "9999"); err == nil || !strings.Contains(err.Error(), "phone.pin_wrong (9 tries left)") {
		t.Errorf("a wrong PIN: %v", err)
	}
	old := l.Offline
	if l, err = w.Client.RenewOffline(t.Context(), l, phonetest.PIN); err != nil || string(l.Offline) == string(old) {
		t.Fatalf("%v", err)
	}
	q, c := asked(t, w, anna)
	if _, err := w.Phone.AnswerQR(t.Context(), q.ID, anna.ID, shows(t, w, l, c, phonetest.PIN)); err != nil {
		t.Error(err)
	}
	if err := w.Devices.SetOffline(t.Context(), d.ID, "a hash of before", d.Offline); !errors.Is(err, phone.ErrDeviceUnknown) {
		t.Errorf("a key for a PIN that was changed meanwhile: %v", err)
	}
}

// What is stored opens nothing by itself: neither the key nor the PIN is there in clear, and
// after a change of PIN what was agreed for the former one is worth nothing.
func TestTheOfflineKeyIsNowhereInClear(t *testing.T) {
	db, clock := backendtest.SQLite(t, sqlstore.Migrations()), accounttest.NewClock()
	w := phonetest.With(t, db, kv.NewEmbedded(db, clock.Now), clock)
	anna := w.Anna(t)
	l := w.Initialise(t, anna, "phone")
	d, err := w.Phone.ByID(t.Context(), l.DeviceID)
	if err != nil {
		t.Fatal(err)
	}
	kept := string(d.Offline.Key) + string(d.Offline.PIN)
	if len(l.Offline) != 32 || strings.Contains(kept, string(l.Offline)) || strings.Contains(kept, string(phone.OfflinePIN(l.Offline, d.ID, phonetest.PIN))) {
		t.Error("a secret is stored in clear")
	}
	if _, err := db.ExecContext(t.Context(), `UPDATE devices SET pin_hash = $1`, "another PIN's"); err != nil {
		t.Fatal(err)
	}
	if ok, err := w.Phone.OfflineEnrolled(t.Context(), anna.ID); ok || err != nil {
		t.Errorf("codes with the former PIN count: %v", err)
	}
}

// FuzzOfflineCode throws texts at an open question: no panic, no entrance, no error of ours.
func FuzzOfflineCode(f *testing.F) {
	w := phonetest.New(f)
	anna := w.Anna(f)
	w.Initialise(f, anna, "phone")
	f.Add("12345678")
	f.Add(" 1234-5678\u00a0")
	f.Add("１２３４５６７８")
	f.Fuzz(func(t *testing.T, typed string) {
		w.Clock.Pass(4 * time.Minute)
		q, _ := asked(t, w, anna)
		if _, err := w.Phone.AnswerQR(t.Context(), q.ID, anna.ID, typed); !errors.Is(err, phone.ErrCodeWrong) && !errors.Is(err, challenge.ErrOver) {
			t.Fatalf("%q: %v", typed, err)
		}
	})
}
