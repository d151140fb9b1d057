package appapi_test

import (
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/phoneclient"
	"eulogin.example/idp/internal/phonetest"
)

func TestOneCallWatchesAllAccountsOfAPhone(t *testing.T) {
	w := phonetest.New(t)
	anna, bert, cleo := w.Anna(t), w.Person(t, "Bert", "bert@example.org"), w.Person(t, "Cleo", "cleo@example.org")
	links := []phoneclient.Link{w.Initialise(t, anna, "a"), w.Initialise(t, bert, "b"), w.Initialise(t, cleo, "c")}
	heard := make(chan []phoneclient.Watched, 1)
	go func() {
		all, err := w.Client.Watch(t.Context(), links, nil, 20*time.Second)
		if err != nil {
			t.Error(err)
		}
		heard <- all
	}()
	push := w.Push(t, cleo, "flow")
	select {
	case all := <-heard:
		if len(all) != 3 || len(all[0].Requests) != 0 || len(all[1].Requests) != 0 || len(all[2].Requests) != 1 || all[2].Requests[0].ID != push.ID {
			t.Errorf("heard %+v", all)
		}
	case <-time.After(10 * time.Second): // how soon: TestAWaitingPhoneHearsWithinASecond
		t.Fatal("nothing was heard")
	}
	// A request that is on the screen is no news; that it is over, is.
	gone := make(chan []phoneclient.Watched, 1)
	go func() {
		all, _ := w.Client.Watch(t.Context(), links, []string{push.ID}, 20*time.Second)
		gone <- all
	}()
	select {
	case all := <-gone:
		t.Errorf("a known request was told as news: %+v", all)
	case <-time.After(1500 * time.Millisecond):
	}
	wants(t, w.Client.Deny(t.Context(), links[2], w.Received(t, links[2]), false), "")
	if all := <-gone; len(all) != 3 || len(all[2].Requests) != 0 {
		t.Errorf("after the answer: %+v", all)
	}
}

func TestAWatchSpeaksOnlyForItsOwnAccounts(t *testing.T) {
	w := phonetest.New(t)
	anna, bert := w.Anna(t), w.Person(t, "Bert", "bert@example.org")
	mine, other := w.Initialise(t, anna, "a"), w.Initialise(t, bert, "b")
	w.Push(t, bert, "flow")
	forged := other
	forged.Key = mine.Key
	_, err := w.Client.Watch(t.Context(), []phoneclient.Link{mine, forged}, nil, 0)
	wants(t, err, "phone.statement_invalid")
	_, err = w.Client.Watch(t.Context(), []phoneclient.Link{mine, mine}, nil, 0)
	wants(t, err, "phone.message_invalid")
	many := []phoneclient.Link{mine}
	for range 20 {
		one := other
		one.DeviceID = strings.Repeat("0", 25) + string("0123456789abcdefghjkmnpqrs"[len(many)])
		many = append(many, one)
	}
	_, err = w.Client.Watch(t.Context(), many, nil, 0)
	wants(t, err, "phone.message_invalid")
	late := &phoneclient.Client{HTTP: w.Client.HTTP, Now: func() time.Time { return w.Clock.Now().Add(-3 * time.Minute) }}
	_, err = late.Watch(t.Context(), []phoneclient.Link{mine, other}, nil, 0)
	wants(t, err, "phone.clock")
}

func TestAWatchTellsWhichAccountsAreOver(t *testing.T) {
	w := phonetest.New(t)
	anna, bert := w.Anna(t), w.Person(t, "Bert", "bert@example.org")
	first, second := w.Initialise(t, anna, "a"), w.Initialise(t, bert, "b")
	if err := w.Phone.Remove(t.Context(), bert.ID, second.DeviceID, false); err != nil {
		t.Fatal(err)
	}
	all, err := w.Client.Watch(t.Context(), []phoneclient.Link{first, second}, nil, 20*time.Second) // answers at once
	wants(t, err, "")
	if len(all) != 2 || all[0].Status != "active" || all[1].Status != "deleted" {
		t.Errorf("%+v", all)
	}
	_, err = w.Client.Watch(t.Context(), []phoneclient.Link{second, first}, nil, 0)
	wants(t, err, "phone.device_unknown")
	disable(t, w, first)
	_, err = w.Client.Watch(t.Context(), []phoneclient.Link{first}, nil, 0)
	wants(t, err, "phone.device_disabled")
}

// A phone that is taken away while it waits is not told what comes in afterwards.
func TestADeviceThatIsRemovedWhileItWaitsHearsNoMore(t *testing.T) {
	w := phonetest.New(t)
	anna, bert := w.Anna(t), w.Person(t, "Bert", "bert@example.org")
	first, second := w.Initialise(t, anna, "a"), w.Initialise(t, bert, "b")
	w.Initialise(t, bert, "another phone")
	heard := make(chan []phoneclient.Watched, 1)
	go func() {
		all, err := w.Client.Watch(t.Context(), []phoneclient.Link{first, second}, nil, 20*time.Second)
		if err != nil {
			t.Error(err)
		}
		heard <- all
	}()
	time.Sleep(200 * time.Millisecond) // so that it waits, mostly; the claim holds in any order
	if err := w.Phone.Remove(t.Context(), bert.ID, second.DeviceID, true); err != nil {
		t.Fatal(err)
	}
	w.Push(t, bert, "flow")
	all := <-heard
	if len(all) != 2 || all[1].Status != "deleted" || len(all[1].Requests) != 0 {
		t.Errorf("%+v", all)
	}
}
