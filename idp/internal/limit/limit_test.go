package limit_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/limit"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time              { return time.UnixMicro(c.at.Load()).UTC() }
func (c *clock) pass(d time.Duration)        { c.at.Add(d.Microseconds()) }
func newClock() *clock                       { c := &clock{}; c.at.Store(time.Now().UnixMicro()); return c }
func tooMany(err error) bool                 { return fault.KindOf(err) == fault.TooMany }
func hit(l *limit.Limits, n, k string) error { return l.Hit(context.Background(), n, k) }

// Row 23: five wrong, then fifteen minutes, then by itself again.
func TestFiveThenFifteenMinutes(t *testing.T) {
	c := newClock()
	l := limit.New(kv.NewEmbedded(backendtest.SQLite(t), c.now), c.now)
	for i := range 5 {
		if err := hit(l, limit.PasswordAccount, "anna"); err != nil {
			t.Fatalf("attempt %d: %v", i+1, err)
		}
		c.pass(time.Second)
	}
	err := hit(l, limit.PasswordAccount, "anna")
	if !tooMany(err) || fault.As(err).RetryAfter > 15*time.Minute || fault.As(err).RetryAfter < 14*time.Minute {
		t.Fatalf("sixth: %v", err)
	}
	if until, _ := l.Paused(t.Context(), limit.PasswordAccount, "anna"); until.IsZero() {
		t.Fatal("not paused")
	}
	if err := hit(l, limit.PasswordAccount, "bob"); err != nil {
		t.Fatalf("somebody else: %v", err)
	}
	c.pass(15 * time.Minute)
	if err := hit(l, limit.PasswordAccount, "anna"); err != nil {
		t.Fatalf("after the pause: %v", err)
	}
}

func TestResetAndWindow(t *testing.T) {
	c := newClock()
	l := limit.New(kv.NewEmbedded(backendtest.SQLite(t), c.now), c.now)
	for range 20 {
		if err := hit(l, limit.PasswordAccount, "anna"); err != nil {
			t.Fatal(err)
		}
		if err := l.Reset(t.Context(), limit.PasswordAccount, "anna"); err != nil {
			t.Fatal(err)
		}
	}
	for range 4 {
		_ = hit(l, limit.PasswordAccount, "anna")
	}
	c.pass(16 * time.Minute)
	for i := range 4 {
		if err := hit(l, limit.PasswordAccount, "anna"); err != nil {
			t.Fatalf("old attempts counted: %d %v", i, err)
		}
	}
}

// Security case 31: a parallel burst gets no more than the limit through, on both engines.
func TestBurst(t *testing.T) {
	backendtest.KV(t, func(t *testing.T, s kv.Store) {
		l := limit.New(s, time.Now)
		var through atomic.Int64
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if hit(l, limit.PasswordAccount, "anna") == nil {
					through.Add(1)
				}
			})
		}
		wg.Wait()
		if n := through.Load(); n != 5 {
			t.Fatalf("%d of 100 got through", n)
		}
	})
}

func TestUnknownNameIsADefect(t *testing.T) {
	l := limit.New(kv.NewEmbedded(backendtest.SQLite(t), time.Now), time.Now)
	if err := hit(l, "no.such", "x"); fault.KindOf(err) != fault.Internal {
		t.Fatalf("%v", err)
	}
}
