package login_test

import (
	"fmt"
	"testing"
	"time"

	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	"eulogin.example/proto/kit/fault"
)

// Row 23: five wrong passwords, fifteen minutes, by itself again; nothing tells whether the
// account exists.
func TestLockOutTellsNothing(t *testing.T) {
	var told [2][]string
	for i, email := range []string{annaMail, "nobody@example.org"} {
		w := newWorld(t)
		id := w.asks(t, policy.Basic)
		w.named(t, id, email)
		for range 7 {
			err := w.try(t, id, "wrong", policy.Password)
			f := fault.As(err)
			told[i] = append(told[i], fmt.Sprint(f.Code, f.Kind, f.RetryAfter, f.Fields, f.Args))
		}
		err := w.try(t, id, secret, policy.Password)
		wants(t, err, login.ErrLocked)
		if until := fault.As(err).Args[0].(time.Time); !until.Equal(w.now().Add(15 * time.Minute)) {
			t.Fatalf("until %v", until)
		}
		if v, err := w.Look(t.Context(), id, here); err != nil || v.Step != login.Password || v.Flow.Email != email {
			t.Fatalf("%+v %v", v, err)
		}
		told[i] = append(told[i], fmt.Sprint(len(w.past.attempts), w.past.attempts[4].Outcome))
		w.pass(15*time.Minute + time.Second)
		if err = w.try(t, id, secret, policy.Password); (err == nil) != (email == annaMail) {
			t.Fatalf("after the pause: %v", err)
		}
	}
	for i := range told[0] {
		if told[0][i] != told[1][i] {
			t.Errorf("attempt %d differs:\n%s\n%s", i+1, told[0][i], told[1][i])
		}
	}
}

func TestMailOnLock(t *testing.T) {
	w := newWorld(t)
	id := w.asks(t, policy.Basic)
	w.named(t, id, annaMail)
	for range 9 {
		_ = w.try(t, id, "wrong", policy.Password)
	}
	if len(w.past.messages) != 1 || w.past.messages[0].To != annaMail || len(w.past.events) != 1 {
		t.Fatalf("%+v %+v", w.past.messages, w.past.events)
	}
}

// A browser that signed in before has its own counter and no address: whoever guesses
// elsewhere, or behind the same address, does not lock its owner out (security case 31).
func TestAttackersDoNotLockTheOwnerOut(t *testing.T) {
	w := newWorld(t)
	attacker := w.asks(t, policy.Basic)
	w.named(t, attacker, annaMail)
	for range 6 {
		_ = w.try(t, attacker, "wrong", policy.Password)
	}
	wants(t, w.try(t, attacker, secret, policy.Password), login.ErrLocked)
	owner := w.asks(t, policy.Basic)
	w.named(t, owner, annaMail)
	for range 100 { // the address is exhausted too
		other := fmt.Sprintf("p%d@example.org", w.now().UnixMicro())
		w.pass(time.Millisecond)
		w.named(t, attacker, other)
		_ = w.try(t, attacker, "wrong", policy.Password)
	}
	try := login.Try{Password: "wrong", Method: policy.Password, Known: "digest-of-known-cookie", Meta: meta}
	for range 4 {
		_, err := w.Password(t.Context(), owner, here, try)
		wants(t, err, login.ErrWrong)
	}
	try.Password = secret
	if _, err := w.Password(t.Context(), owner, here, try); err != nil {
		t.Fatalf("the owner: %v", err)
	}
}

// The counter of an address is not washed away by one's own right passwords, and right ones
// do not fill it.
func TestTheAddressCounts(t *testing.T) {
	w := newWorld(t)
	for range 80 { // a hospital in the morning
		id := w.asks(t, policy.Basic)
		w.named(t, id, annaMail)
		if err := w.try(t, id, secret, policy.Password); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 70 {
		id := w.asks(t, policy.Basic)
		w.named(t, id, fmt.Sprintf("victim%d@example.org", i))
		err := w.try(t, id, "wrong", policy.Password)
		if i < 60 {
			if fault.KindOf(err) == fault.TooMany && i < 59 {
				t.Fatalf("guess %d: %v", i, err)
			}
			w.named(t, id, bobMail)
			if rerr := w.try(t, id, secret, policy.Password); rerr != nil && i < 58 {
				t.Fatalf("right password %d: %v", i, rerr)
			}
			continue
		}
		wants(t, err, login.ErrLocked)
	}
}

// A password that could not be looked at is no wrong password.
func TestAnOutageIsNoGuess(t *testing.T) {
	w := newWorld(t)
	id := w.asks(t, policy.Basic)
	w.named(t, id, annaMail)
	good := w.Passwords
	w.Passwords = busy{}
	for range 20 {
		if err := w.try(t, id, secret, policy.Password); fault.KindOf(err) != fault.Unavailable {
			t.Fatal(err)
		}
	}
	w.Passwords = good
	if err := w.try(t, id, secret, policy.Password); err != nil {
		t.Fatal(err)
	}
}

// Domain §1.1: "Always require multi-factor authentication" holds, and is not seen before
// the password.
func TestAlwaysTwoFactors(t *testing.T) {
	w := newWorld(t)
	w.phone.has[maria] = true
	id := w.asks(t, policy.Basic)
	w.named(t, id, "nobody@example.org")
	stranger, _ := w.Look(t.Context(), id, here)
	w.named(t, id, mariaMail)
	v, _ := w.Look(t.Context(), id, here)
	if fmt.Sprint(v.Step, v.Offered) != fmt.Sprint(stranger.Step, stranger.Offered) {
		t.Fatalf("%v %v tells that the account exists", v.Step, v.Offered)
	}
	if err := w.try(t, id, secret, policy.Password); err != nil {
		t.Fatal(err)
	}
	v, _ = w.Look(t.Context(), id, here)
	if v.Step != login.ChooseMethod || len(v.Offered) != 1 {
		t.Fatalf("%s %v", v.Step, v.Offered)
	}
	w.named(t, id, bobMail)
	if err := w.try(t, id, secret, policy.Password); err != nil {
		t.Fatal(err)
	}
	if got := w.step(t, id); got != login.Done {
		t.Fatalf("her wish clings to him: %s", got)
	}
}

func TestDisabledAccountsAreStrangers(t *testing.T) {
	w := newWorld(t)
	id := w.asks(t, policy.Basic)
	w.named(t, id, "off@example.org")
	wants(t, w.try(t, id, secret, policy.Password), login.ErrWrong)
}

// Case 2: whoever has another binding cookie can do nothing with a flow.
func TestAnotherBrowserCanDoNothing(t *testing.T) {
	w := newWorld(t)
	id := w.asks(t, policy.Medium)
	w.named(t, id, annaMail)
	for _, other := range []string{"", "another", here + "x"} {
		do := map[string]func() error{
			"look":     func() error { _, err := w.Look(t.Context(), id, other); return err },
			"identify": func() error { _, err := w.Identify(t.Context(), id, other, bobMail); return err },
			"password": func() error {
				_, err := w.Password(t.Context(), id, other, login.Try{Password: secret, Method: policy.AppPIN})
				return err
			},
			"method":  func() error { _, err := w.ChooseMethod(t.Context(), id, other, policy.AppPIN, meta); return err },
			"cancel":  func() error { _, err := w.Cancel(t.Context(), id, other); return err },
			"finish":  func() error { _, err := w.Finish(t.Context(), id, other, "", meta); return err },
			"enrol":   func() error { _, err := w.Enrol(t.Context(), id, other, "", meta); return err },
			"prove":   func() error { _, err := w.Prove(t.Context(), id, other, people{}.all()[1], policy.Proof{}); return err },
			"outcome": func() error { _, err := w.Outcome(t.Context(), id, other); return err },
		}
		for name, f := range do {
			if err := f(); fault.CodeOf(err) != fault.CodeOf(login.ErrOtherBrowser) {
				t.Errorf("%s by %q: %v", name, other, err)
			}
		}
	}
	if v, err := w.Look(t.Context(), id, here); err != nil || v.Flow.Account != anna {
		t.Fatalf("%+v %v", v, err)
	}
}

func TestFlowsEnd(t *testing.T) {
	w := newWorld(t)
	id := w.asks(t, policy.Basic)
	for _, bad := range []string{"", "x", id + "0", "../../../../../../../../etc", id[:25] + "i"} {
		_, err := w.Look(t.Context(), bad, here)
		wants(t, err, login.ErrUnknown)
	}
	w.pass(login.TTL + time.Second)
	_, err := w.Look(t.Context(), id, here)
	wants(t, err, login.ErrUnknown)
}

func TestReturnAddressesAreOurs(t *testing.T) {
	w := newWorld(t)
	for _, bad := range []string{"", "//evil.example/x", "https://evil.example", `/\evil.example`} {
		if _, err := w.Begin(t.Context(), login.Request{Kind: login.KindAccount, ReturnURL: bad}, here, nil); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
	var none *session.Session
	if _, err := w.Begin(t.Context(), login.Request{Kind: login.KindAccount, ReturnURL: "/account"}, "", none); err == nil {
		t.Error("a flow of no browser")
	}
}
