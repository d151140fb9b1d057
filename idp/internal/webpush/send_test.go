package webpush_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/phoneclient"
	"eulogin.example/idp/internal/phonetest"
	"eulogin.example/proto/kit/outbox"
)

// house is the phone side with an outbox that wakes.
type house struct {
	*phonetest.World
	worker *outbox.Worker
	log    strings.Builder
	anna   account.Account
	link   phoneclient.Link
	push   *pushService
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{World: phonetest.New(t), push: newPushService(t)}
	h.worker = outbox.NewWorker(h.DB, h.Clock.Now, slog.New(slog.NewTextHandler(&h.log, nil)), map[string]outbox.Deliver{phone.WakeKind: h.Pushes.Deliver(h.Phone)})
	h.anna = h.Anna(t)
	h.link = h.Initialise(t, h.anna, "phone")
	if err := h.Client.Subscribe(t.Context(), h.link, h.push.target()); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) deliver(t *testing.T) {
	t.Helper()
	if _, err := h.worker.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestARequestWakesThePhoneAndSaysNothing(t *testing.T) {
	h := newHouse(t)
	if d, err := h.Client.Device(t.Context(), h.link); err != nil || d.PushKey != h.Pushes.Key() {
		t.Errorf("the app is told %+v, %v", d, err)
	}
	h.Push(t, h.anna, "flow")
	h.deliver(t)
	headers, heard := h.push.calls()
	if len(heard) != 1 || heard[0] != "look" {
		t.Fatalf("the phone hears %q", heard)
	}
	got := headers[0]
	if got.Get("TTL") != "120" || got.Get("Urgency") != "high" || got.Get("Topic") != "signin" || got.Get("Content-Encoding") != "aes128gcm" {
		t.Errorf("headers %v", got)
	}
	claims := identified(t, got.Get("Authorization"), h.Pushes.Key())
	if claims["aud"] != h.push.URL || claims["sub"] != "mailto:ops@example.org" || int64(claims["exp"].(float64)) != h.Clock.Now().Add(time.Hour).Unix() {
		t.Errorf("claims %v", claims)
	}
	h.deliver(t)
	if _, heard := h.push.calls(); len(heard) != 1 {
		t.Errorf("woken %d times", len(heard))
	}
}

func TestASubscriptionThatIsGoneIsForgotten(t *testing.T) {
	for _, status := range []int{http.StatusGone, http.StatusNotFound} {
		h := newHouse(t)
		h.push.answers(status)
		h.Push(t, h.anna, "flow")
		h.deliver(t)
		if _, on, err := h.Phone.PushTarget(t.Context(), h.link.DeviceID); on || err != nil {
			t.Errorf("%d: still subscribed, %v", status, err)
		}
		h.Push(t, h.anna, "flow-2")
		h.deliver(t)
		if _, heard := h.push.calls(); len(heard) != 1 {
			t.Errorf("%d: called %d times", status, len(heard))
		}
	}
}

// What the answer is about may have been renewed meanwhile: the new one stays.
func TestANewSubscriptionOutlivesTheOldOnesEnd(t *testing.T) {
	h := newHouse(t)
	old, _, err := h.Phone.PushTarget(t.Context(), h.link.DeviceID)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Client.Subscribe(t.Context(), h.link, newPushService(t).target()); err != nil {
		t.Fatal(err)
	}
	if err := h.Phone.Unsubscribe(t.Context(), h.link.DeviceID, old); err != nil {
		t.Fatal(err)
	}
	if _, on, err := h.Phone.PushTarget(t.Context(), h.link.DeviceID); !on || err != nil {
		t.Errorf("the new subscription is gone: %v", err)
	}
}

func TestABusyPushServiceIsAskedAgainUntilTheRequestIsOver(t *testing.T) {
	h := newHouse(t)
	h.push.answers(http.StatusServiceUnavailable)
	h.Push(t, h.anna, "flow")
	h.deliver(t)
	h.push.answers(http.StatusCreated)
	h.Clock.Pass(time.Minute)
	h.deliver(t)
	headers, heard := h.push.calls()
	if len(heard) != 2 || headers[1].Get("TTL") != "60" {
		t.Errorf("called %d times", len(heard))
	}
	h.push.answers(http.StatusServiceUnavailable)
	h.Push(t, h.anna, "flow-2")
	h.deliver(t)
	h.Clock.Pass(3 * time.Minute)
	h.deliver(t)
	if _, heard := h.push.calls(); len(heard) != 3 {
		t.Errorf("called %d times, also after the request was over", len(heard))
	}
	if strings.Contains(h.log.String(), "secret-capability") {
		t.Errorf("the address of the subscription is in the log: %s", h.log.String())
	}
}

func TestWhoIsNotWoken(t *testing.T) {
	for name, before := range map[string]func(t *testing.T, h *house){
		"quiet": func(t *testing.T, h *house) {
			if err := h.Client.Subscribe(t.Context(), h.link, nil); err != nil {
				t.Fatal(err)
			}
		},
		"unlinked while it was on its way": func(t *testing.T, h *house) {
			h.Push(t, h.anna, "before")
			if err := h.Client.Unlink(t.Context(), h.link); err != nil {
				t.Fatal(err)
			}
		},
		"another account's": func(t *testing.T, h *house) {
			bert := h.Person(t, "Bert", "bert@example.org")
			h.Initialise(t, bert, "phone")
			h.Push(t, bert, "flow")
		},
	} {
		h := newHouse(t)
		before(t, h)
		if name == "quiet" {
			h.Push(t, h.anna, "flow")
		}
		h.deliver(t)
		if _, heard := h.push.calls(); len(heard) != 0 {
			t.Errorf("%s: %q", name, heard)
		}
	}
}

func TestTargetsThatAreNone(t *testing.T) {
	h := newHouse(t)
	good := h.push.target()
	for name, change := range map[string]func(t *phoneclient.Target){
		"an address inside":  func(t *phoneclient.Target) { t.Endpoint = "https://10.0.0.1/" },
		"plain http":         func(t *phoneclient.Target) { t.Endpoint = "http://push.example.org/" },
		"no address":         func(t *phoneclient.Target) { t.Endpoint = "" },
		"no key":             func(t *phoneclient.Target) { t.P256dh = "" },
		"a point elsewhere":  func(t *phoneclient.Target) { t.P256dh = strings.Repeat("A", 87) },
		"a short secret":     func(t *phoneclient.Target) { t.Auth = "AAAA" },
		"padding":            func(t *phoneclient.Target) { t.Auth += "==" },
		"a very long target": func(t *phoneclient.Target) { t.Endpoint += strings.Repeat("x", 2000) },
	} {
		bad := *good
		change(&bad)
		if err := h.Client.Subscribe(t.Context(), h.link, &bad); err == nil || err.Error() != "phone.push_invalid" {
			t.Errorf("%s: %v", name, err)
		}
	}
	d, err := h.Phone.ByID(t.Context(), h.link.DeviceID)
	if err != nil || len(d.Target) == 0 || strings.Contains(string(d.Target), "secret-capability") {
		t.Errorf("the target is stored in clear, or gone: %v", err)
	}
}

// Where the operator wakes nobody, the app is told so and nothing is queued.
func TestWhereNobodyIsWoken(t *testing.T) {
	w := phonetest.New(t)
	quiet := w.WithoutPush(t)
	l := w.Initialise(t, w.Anna(t), "phone")
	d, err := quiet.ByID(t.Context(), l.DeviceID)
	if err != nil || quiet.WakeKey() != "" {
		t.Fatalf("%v, key %q", err, quiet.WakeKey())
	}
	if err := quiet.Subscribe(t.Context(), d, phone.PushTarget{}); err != phone.ErrWakeOff {
		t.Errorf("subscribed: %v", err)
	}
}
