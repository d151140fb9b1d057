package appapi_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/phoneclient"
	"eulogin.example/idp/internal/phonetest"
	"eulogin.example/proto/kit/fault"
)

func TestApprovalWithNumberAndPIN(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	link := w.Initialise(t, anna, "phone")
	push := w.Push(t, anna, "flow-1")
	w.Clock.Pass(20 * time.Second)
	r := w.Received(t, link)
	if r.Service != "CPMS 2.0" || r.Browser != "Firefox, Linux" || r.Address != "192.0.2.7" || r.ExpiresAt-r.CreatedAt != 120 {
		t.Errorf("the phone sees %+v", r)
	}
	state(t, w, push, phone.Pending)
	wants(t, w.Client.Approve(t.Context(), link, r, push.Number, phonetest.PIN), "")
	if o, err := w.Phone.Poll(t.Context(), push.ID); o != (phone.Outcome{State: phone.Approved, Account: push.Account, DeviceID: link.DeviceID, Unlocked: phone.ByPIN, At: w.Clock.Now()}) || err != nil {
		t.Errorf("the browser sees %+v, %v", o, err)
	}
	wants(t, w.Client.Approve(t.Context(), link, r, push.Number, phonetest.PIN), "phone.request_decided")
	wants(t, w.Client.Deny(t.Context(), link, r, false), "phone.request_decided")
	if left, _ := w.Client.Requests(t.Context(), link, 0); len(left) != 0 {
		t.Error("the request is still in the inbox")
	}
	w.Clock.Pass(2 * time.Minute)
	state(t, w, push, phone.Approved) // a browser that was asleep still goes on
	if d, _ := w.Phone.ByID(t.Context(), link.DeviceID); d.LastUsedAt.IsZero() || d.PINFailures != 0 {
		t.Errorf("device %+v", d)
	}
}

func state(t testing.TB, w *phonetest.World, p phone.Push, want phone.State) {
	t.Helper()
	if o, err := w.Phone.Poll(t.Context(), p.ID); o.State != want || err != nil {
		t.Fatalf("the browser sees %q, %v; want %q", o.State, err, want)
	}
}

func TestThePhoneIsNeverToldTheNumber(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	link := w.Initialise(t, anna, "phone")
	w.Push(t, anna, "flow")
	var raw map[string]any
	b, err := json.Marshal(w.Received(t, link))
	if err != nil || json.Unmarshal(b, &raw) != nil {
		t.Fatal(err)
	}
	if len(raw) != 6 || strings.Contains(string(b), "number") {
		t.Errorf("request %s", b)
	}
}

func TestThreeWrongNumbersEndTheRequest(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	link := w.Initialise(t, anna, "phone")
	push := w.Push(t, anna, "flow")
	r := w.Received(t, link)
	wrong := "10"
	if push.Number == wrong {
		wrong = "11"
	}
	wants(t, w.Client.Approve(t.Context(), link, r, wrong, phonetest.PIN), "phone.number_wrong")
	wants(t, w.Client.Approve(t.Context(), link, r, wrong, phonetest.PIN), "phone.number_wrong")
	wants(t, w.Client.Approve(t.Context(), link, r, wrong, phonetest.PIN), "phone.request_dead")
	wants(t, w.Client.Approve(t.Context(), link, r, push.Number, phonetest.PIN), "phone.request_dead")
	state(t, w, push, phone.Expired)
}

func TestOfAHundredAnswersOneDecides(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	one, two := w.Initialise(t, anna, "one"), w.Initialise(t, anna, "two")
	push := w.Push(t, anna, "flow")
	r := w.Received(t, one)
	turn := make(chan int, 100)
	for i := range 100 {
		turn <- i
	}
	won := race(t, 100, func() error {
		switch i := <-turn; {
		case i%2 == 0:
			return w.Client.Approve(t.Context(), one, r, push.Number, phonetest.PIN)
		default:
			return w.Client.Deny(t.Context(), two, r, false)
		}
	})
	if won != 1 {
		t.Fatalf("%d answers were taken", won)
	}
}

func TestRequestsExpireAfterTwoMinutes(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	link := w.Initialise(t, anna, "phone")
	push := w.Push(t, anna, "flow")
	r := w.Received(t, link)
	w.Clock.Pass(2*time.Minute - time.Second)
	w.Received(t, link)
	w.Clock.Pass(2 * time.Second)
	if left, _ := w.Client.Requests(t.Context(), link, 0); len(left) != 0 {
		t.Error("an expired request is still in the inbox")
	}
	wants(t, w.Client.Approve(t.Context(), link, r, push.Number, phonetest.PIN), "phone.request_expired")
	state(t, w, push, phone.Expired)
	w.Clock.Pass(time.Hour)
	wants(t, w.Client.Approve(t.Context(), link, r, push.Number, phonetest.PIN), "phone.request_unknown")
	state(t, w, push, phone.Expired)
}

// The hash of a PIN takes its time; the two minutes end meanwhile.
func TestARequestMayExpireWhileThePINIsLookedAt(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	link := w.Initialise(t, anna, "phone")
	push := w.Push(t, anna, "flow")
	r := w.Received(t, link)
	w.Clock.Pass(phone.PushFor - time.Second)
	w.Hasher.During = func() { w.Clock.Pass(2 * time.Second) }
	wants(t, w.Client.Approve(t.Context(), link, r, push.Number, phonetest.PIN), "phone.request_expired")
	state(t, w, push, phone.Expired)
}

func TestDenyAndNotMe(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	link := w.Initialise(t, anna, "phone")
	push := w.Push(t, anna, "a")
	wants(t, w.Client.Deny(t.Context(), link, w.Received(t, link), false), "")
	state(t, w, push, phone.Denied)
	if n := len(w.Sent(t)); n != 1 {
		t.Errorf("a plain refusal wrote %d notices", n-1)
	}
	push = w.Push(t, anna, "b")
	r := w.Received(t, link)
	wants(t, w.Client.Deny(t.Context(), link, r, true), "")
	wants(t, w.Client.Deny(t.Context(), link, r, true), "phone.request_decided")
	state(t, w, push, phone.Denied)
	if m := w.Last(t); m.Kind != notify.SignInWasRefused || len(w.Sent(t)) != 2 {
		t.Errorf("notice %+v", m)
	}
	if got := strings.Join(w.Actions(t), " "); got != "device.added factor.added signin.answered signin.answered signin.reported" {
		t.Errorf("record: %s", got)
	}
}

func TestAfterThisWasNotMeThePhonesAreLeftAlone(t *testing.T) {
	w := phonetest.New(t)
	anna, bert := w.Anna(t), w.Person(t, "Bert", "bert@example.org")
	link := w.Initialise(t, anna, "phone")
	w.Initialise(t, bert, "phone")
	ask := func(id ident.AccountID, flow string) error {
		_, err := w.Phone.Start(t.Context(), phone.Ask{Flow: flow, Account: id, Client: "CPMS 2.0"})
		return err
	}
	w.Push(t, anna, "a")
	wants(t, w.Client.Deny(t.Context(), link, w.Received(t, link), false), "")
	w.Push(t, anna, "b") // a plain refusal may have been a slip
	wants(t, w.Client.Deny(t.Context(), link, w.Received(t, link), true), "")
	err := ask(anna.ID, "c")
	if f := fault.As(err); !errors.Is(err, phone.ErrQuiet) || f.RetryAfter != phone.QuietFor {
		t.Errorf("another sign-in: %v", err)
	}
	if err := ask(bert.ID, "d"); err != nil {
		t.Errorf("somebody else's: %v", err)
	}
	w.Clock.Pass(phone.QuietFor - time.Second)
	if err := ask(anna.ID, "e"); !errors.Is(err, phone.ErrQuiet) {
		t.Errorf("a second before the end: %v", err)
	}
	w.Clock.Pass(time.Second)
	if err := ask(anna.ID, "f"); err != nil {
		t.Errorf("after 15 minutes: %v", err)
	}
}

func TestAWaitingPhoneHearsAtOnce(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	link := w.Initialise(t, anna, "phone")
	found := make(chan int, 1)
	go func() {
		all, _ := w.Client.Requests(t.Context(), link, 20*time.Second)
		found <- len(all)
	}()
	time.Sleep(100 * time.Millisecond)
	w.Push(t, anna, "flow")
	select {
	case n := <-found:
		if n != 1 {
			t.Errorf("%d requests", n)
		}
	case <-time.After(3 * time.Second):
		t.Error("nothing after three seconds")
	}
}

func TestDrainEndsWaiting(t *testing.T) {
	w := phonetest.New(t)
	link := w.Initialise(t, w.Anna(t), "phone")
	time.AfterFunc(50*time.Millisecond, w.API.Drain)
	begun := time.Now()
	if _, err := w.Client.Requests(t.Context(), link, 20*time.Second); err != nil || time.Since(begun) > 5*time.Second {
		t.Errorf("%v after %s", err, time.Since(begun))
	}
}

func TestNothingSecretIsLogged(t *testing.T) {
	w := phonetest.New(t)
	anna := w.Anna(t)
	scanned := w.Begin(t, anna, "phone")
	link, err := w.Client.Enrol(t.Context(), scanned, phonetest.Key(t), phonetest.PIN, "")
	wants(t, err, "")
	w.DB.Close() // from here on every call is logged as a failure
	_, err = w.Client.Enrol(t.Context(), scanned, phonetest.Key(t), "975310", "")
	if err == nil {
		t.Fatal("a call worked without a database")
	}
	_ = w.Client.Approve(t.Context(), link, phoneclient.Request{ID: strings.Repeat("0", 26)}, "42", "975310")
	log := w.Log.String()
	if log == "" {
		t.Fatal("nothing was logged")
	}
	for _, secret := range []string{scanned.Secret, "975310", phonetest.PIN} {
		if strings.Contains(log, secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
}
