package signup_test

import (
	"context"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/mailproof"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/signup"
	"eulogin.example/proto/kit/fault"
)

// flaky is a store whose next writes fail.
type flaky struct {
	account.Store
	fail []error
}

func (f *flaky) Create(ctx context.Context, a account.Account, hash string, events []audit.Event, messages []notify.Message) error {
	if len(f.fail) > 0 {
		err := f.fail[0]
		f.fail = f.fail[1:]
		return err
	}
	return f.Store.Create(ctx, a, hash, events, messages)
}

// A database that does not answer costs a second try and nothing else; an id that is taken
// already is drawn again without the person noticing.
func TestFailedWriteCostsARetry(t *testing.T) {
	w := accounttest.New(t)
	store := &flaky{Store: w.Store}
	tickets, err := mailproof.New(w.KV, w.Clock.Now, rand.Reader, 5*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	s, err := signup.New(signup.Config{
		Tickets: tickets, Accounts: store, Recorder: w.Store, Passwords: w.Passwords, Limits: w.Limits,
		Issuer: accounttest.Issuer, PrivacyVersion: "test", Now: w.Clock.Now, Rand: rand.Reader,
	})
	if err != nil {
		t.Fatal(err)
	}
	ticket, err := s.Register(t.Context(), form("jorg@example.org"), desk)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = s.Confirm(t.Context(), accounttest.Token(t, w.Last(t)), "desk"); err != nil {
		t.Fatal(err)
	}
	down := fault.New(fault.Unavailable, "store.unavailable")
	store.fail = []error{down, account.ErrIDTaken}
	if _, err = s.Finish(t.Context(), ticket, "desk", secret, secret); !errors.Is(err, down) {
		t.Fatalf("outage: %v", err)
	}
	done, err := s.Finish(t.Context(), ticket, "desk", secret, secret)
	if err != nil {
		t.Fatalf("second try: %v", err)
	}
	if _, err = w.Store.ByID(t.Context(), done.Account.ID); err != nil {
		t.Errorf("the id given is not the account's: %v", err)
	}
}
