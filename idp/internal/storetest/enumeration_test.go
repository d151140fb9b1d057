package storetest

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"slices"
	"testing"
	"time"

	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/factor/password"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/limit"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	"eulogin.example/idp/internal/signup"

	recovering "eulogin.example/idp/internal/recover"
)

// Security case 32, by statistics: somebody who only has a watch cannot tell an address with
// an account from one without. Both kinds are asked in turn, so that the machine's moods hit
// both, and the measure is how often a known address took longer than an unknown one: one
// half when nothing is told, one or zero when everything is.
const (
	pairs   = 120
	margin  = 0.15 // of telling apart, around one half; the deviation of chance is about 0.04
	repeats = 4    // moods of a busy machine are no leak: a leak shows every time
)

type watch struct {
	*accounttest.World
	login *login.Service
}

func newWatch(t *testing.T) *watch {
	w := &watch{World: accounttest.New(t)}
	w.login = w.signIn(w.slow(t))
	return w
}

// signIn makes the sign-in service on a way of looking at passwords.
func (w *watch) signIn(p login.Passwords) *login.Service {
	return login.New(login.Config{
		KV: w.KV, Accounts: w.Store, Passwords: p, Methods: map[policy.Method]login.Method{}, Limits: w.Limits,
		Sessions: session.New(w.KV, w.Clock.Now, rand.Reader), History: w.Store, LostURL: accounttest.Issuer + "/password/lost",
		Now: w.Clock.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler),
	})
}

// slow hashes like a real service, only with less memory.
func (w *watch) slow(t *testing.T) *password.Service {
	pool, err := password.NewPool(password.PoolConfig{
		Params: password.Params{MemoryKiB: 4096, Passes: 1, Lanes: 1}, Workers: 2, Queue: 10, MaxWait: 10 * time.Second, Now: time.Now, Rand: rand.Reader,
	})
	if err != nil {
		t.Fatal(err)
	}
	rule, err := password.RuleOf("guide")
	if err != nil {
		t.Fatal(err)
	}
	s, err := password.New(t.Context(), password.Config{Store: w.Store, Pool: pool, Rule: rule, Now: w.Clock.Now, Rand: rand.Reader, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	hash, err := s.Hash(t.Context(), accounttest.Secret, password.About{})
	if err != nil {
		t.Fatal(err)
	}
	known := w.Person(t, "Known", "known@example.org")
	if err := w.Store.SetPassword(t.Context(), w.Clock.Now(), known.ID, hash, nil, nil); err != nil {
		t.Fatal(err)
	}
	return s
}

func (w *watch) wrongPassword(s *login.Service) func(*testing.T, string) {
	return func(t *testing.T, email string) {
		id, err := s.Begin(t.Context(), login.Request{Kind: login.KindAccount, ReturnURL: "/account", Requirement: policy.Anyone()}, "browser", nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = s.Identify(t.Context(), id, "browser", email); err != nil {
			t.Fatal(err)
		}
		if _, err = s.Password(t.Context(), id, "browser", login.Try{Password: "Wrong horse 1", Method: policy.Password}); err == nil {
			t.Fatal("a wrong password went through")
		}
	}
}

func (w *watch) register(t *testing.T, email string) {
	_, err := w.Signup.Register(t.Context(), signup.Form{GivenName: "A", FamilyName: "B", Email: email, EmailAgain: email, MailLang: "en", Privacy: true}, signup.Visitor{Browser: "b", Address: "192.0.2.1"})
	if err != nil {
		t.Fatal(err)
	}
}

func (w *watch) lostPassword(t *testing.T, email string) {
	if err := w.Recover.Ask(t.Context(), email, "", recovering.Visitor{Browser: "b", Address: "192.0.2.1"}); err != nil {
		t.Fatal(err)
	}
}

// forget takes the limits back, which are not what is measured here.
func (w *watch) forget(t *testing.T, email string) {
	key, err := ident.EmailKey(email)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{limit.PasswordAccount, limit.RegisterMail, limit.RegisterMailGap, limit.RecoverMail, limit.RecoverMailGap} {
		if err := w.Limits.Reset(t.Context(), name, key); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{limit.PasswordAddress, limit.RegisterAddress, limit.RecoverAddress} {
		for _, who := range []string{"192.0.2.1", limit.Network("192.0.2.1"), limit.Network("")} {
			if err := w.Limits.Reset(t.Context(), name, who); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// told gives how often a known address took longer than an unknown one, over all pairs of
// measurements (Mann and Whitney's statistic, as a share).
func (w *watch) told(t *testing.T, do func(*testing.T, string)) float64 {
	var known, unknown []time.Duration
	for i := range pairs {
		one := func(email string) time.Duration {
			w.forget(t, email)
			begun := time.Now()
			do(t, email)
			return time.Since(begun)
		}
		if i%2 == 0 {
			known, unknown = append(known, one("known@example.org")), append(unknown, one("nobody@example.org"))
		} else {
			u := one("nobody@example.org")
			known, unknown = append(known, one("known@example.org")), append(unknown, u)
		}
	}
	slices.Sort(unknown)
	longer := 0
	for _, k := range known {
		i, _ := slices.BinarySearch(unknown, k)
		longer += i
	}
	return float64(longer) / float64(len(known)*len(unknown))
}

// tells reports whether a way gives the difference away, every time it is measured.
func (w *watch) tells(t *testing.T, do func(*testing.T, string)) bool {
	for range repeats {
		share := w.told(t, do)
		t.Logf("a known address took longer in %.0f %% of all pairs", 100*share)
		if share > 0.5-margin && share < 0.5+margin {
			return false
		}
	}
	return true
}

func TestTheClockTellsNoAccounts(t *testing.T) {
	w := newWatch(t)
	ways := map[string]func(*testing.T, string){"wrong password": w.wrongPassword(w.login), "registering": w.register, "lost password": w.lostPassword}
	for _, do := range ways {
		w.told(t, do) // a process that has just begun pays for whatever it does first; nobody measures that
	}
	for name, do := range ways {
		t.Run(name, func(t *testing.T) {
			if w.tells(t, do) {
				t.Error("the time tells whether an address has an account")
			}
		})
	}
}

// shortcut looks at no password of an account that does not exist, as careless services do.
type shortcut struct{ login.Passwords }

func (s shortcut) Verify(ctx context.Context, id ident.AccountID, plain string) (bool, error) {
	if id == "" {
		return false, nil
	}
	return s.Passwords.Verify(ctx, id, plain)
}

// The measure is worth something: it finds the leak that most services had.
func TestTheClockWouldTellAShortcut(t *testing.T) {
	w := newWatch(t)
	if !w.tells(t, w.wrongPassword(w.signIn(shortcut{w.login.Passwords}))) {
		t.Error("a leak of a whole hash was not found")
	}
}
