package sms_test

import (
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/factor/sms"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/kv"
)

func TestParse(t *testing.T) {
	for in, want := range map[string]sms.Number{
		"+32 123 45 67 89":      "+32123456789", // the guide's example
		"+321234567890":         "+321234567890",
		" +49.151-1234 5678 ":   "+4915112345678",
		"+33\u00a06\u202f12 34": "+3361234",
		"+353871234567":         "+353871234567",
	} {
		if got, err := sms.Parse(in); err != nil || got != want {
			t.Errorf("%q: %q %v", in, got, err)
		}
	}
	for _, in := range []string{
		"", "+", "0123456789", "0032123456789", "32123456789", "+0123456789", "+123456", "+1234567890123456",
		"+32 (0)123 45 67", "+32/123456", "+32123456a", "+٣٢١٢٣٤٥٦٧٨", "++32123456789", "+32123456789;+33612345678",
		"+32" + strings.Repeat(" ", 80) + "123456789",
	} {
		if got, err := sms.Parse(in); !errors.Is(err, sms.ErrNumber) {
			t.Errorf("%q was accepted as %q: %v", in, got, err)
		}
	}
}

func TestMasked(t *testing.T) {
	for n, want := range map[sms.Number]string{
		"+32123456790": "+32 ••• •• 90", "+12025550123": "+1 ••• •• 23", "+353871234567": "+353 ••• •• 67", "+79161234567": "+7 ••• •• 67",
	} {
		if got := n.Masked(); got != want {
			t.Errorf("%s: %q", n, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"+32 123 45 67 89", "+1-202-555-0123", "+٣٢", "+\u202e321234567"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		n, err := sms.Parse(in)
		if err != nil {
			return
		}
		if len(n) < 8 || len(n) > 16 || n[0] != '+' || strings.Trim(string(n[1:]), "0123456789") != "" {
			t.Fatalf("%q gave %q", in, n)
		}
		if again, err := sms.Parse(string(n)); err != nil || again != n {
			t.Fatalf("%q is not stable: %q %v", n, again, err)
		}
		if m := n.Masked(); strings.Count(m, "•") != 5 || len(strings.Trim(m, "+ •")) < 1 {
			t.Fatalf("%q masked as %q", n, m)
		}
	})
}

func challenges(s kv.Store) (*sms.Challenges, *accounttest.Clock) {
	clock := accounttest.NewClock()
	return sms.NewChallenges(s, clock.Now, rand.Reader), clock
}

const anna, number = "n00anna", sms.Number("+32123456790")

func TestChallenge(t *testing.T) {
	backendtest.KV(t, func(t *testing.T, s kv.Store) {
		c, clock := challenges(s)
		ch, code, err := c.Begin(t.Context(), anna, number)
		if err != nil || len(code) != 11 || strings.Count(code, "-") != 2 {
			t.Fatalf("%q %v", code, err)
		}
		if strings.Contains(ch.Digest+ch.Salt, strings.ReplaceAll(code, "-", "")) {
			t.Error("the code is kept in clear")
		}
		if _, err := c.Prove(t.Context(), "n00bob", code); !errors.Is(err, sms.ErrExpired) {
			t.Errorf("another account: %v", err)
		}
		if _, err := c.Prove(t.Context(), anna, "000-000-000"); !errors.Is(err, sms.ErrWrong) {
			t.Errorf("wrong: %v", err)
		}
		clock.Pass(sms.ValidFor)
		typed := strings.ToLower(strings.ReplaceAll(code, "-", " "))
		if n, err := c.Prove(t.Context(), anna, typed); err != nil || n != number {
			t.Errorf("at 10:00, lower case, blanks: %q %v", n, err)
		}
		if _, err := c.Prove(t.Context(), anna, code); !errors.Is(err, sms.ErrExpired) {
			t.Errorf("a second time: %v", err)
		}
	})
}

func TestChallengeEnds(t *testing.T) {
	c, clock := challenges(kv.NewEmbedded(backendtest.SQLite(t), time.Now))
	_, code, _ := c.Begin(t.Context(), anna, number)
	clock.Pass(sms.ValidFor + time.Second)
	if _, err := c.Prove(t.Context(), anna, code); !errors.Is(err, sms.ErrExpired) {
		t.Errorf("at 10:01: %v", err)
	}
	_, old, _ := c.Begin(t.Context(), anna, number)
	_, code, _ = c.Begin(t.Context(), anna, number)
	if _, err := c.Prove(t.Context(), anna, old); !errors.Is(err, sms.ErrWrong) {
		t.Errorf("replaced: %v", err)
	}
	for range 4 {
		_, _ = c.Prove(t.Context(), anna, "000000000")
	}
	if _, err := c.Prove(t.Context(), anna, code); !errors.Is(err, sms.ErrTries) {
		t.Errorf("the right code after five wrong ones: %v", err)
	}
	_, code, _ = c.Begin(t.Context(), anna, number)
	if err := c.Cancel(t.Context(), anna); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Prove(t.Context(), anna, code); !errors.Is(err, sms.ErrExpired) {
		t.Errorf("cancelled: %v", err)
	}
}

// A burst of wrong codes gets no more than five tries, a burst of right ones one success.
func TestChallengeRaces(t *testing.T) {
	backendtest.KV(t, func(t *testing.T, s kv.Store) {
		c, _ := challenges(s)
		race := func(typed string) (right, wrong int64) {
			var r, w atomic.Int64
			var wg sync.WaitGroup
			for range 30 {
				wg.Go(func() {
					switch _, err := c.Prove(t.Context(), anna, typed); {
					case err == nil:
						r.Add(1)
					case errors.Is(err, sms.ErrWrong):
						w.Add(1)
					}
				})
			}
			wg.Wait()
			return r.Load(), w.Load()
		}
		_, code, _ := c.Begin(t.Context(), anna, number)
		if right, _ := race(code); right != 1 {
			t.Errorf("%d requests won", right)
		}
		_, _, _ = c.Begin(t.Context(), anna, number)
		if right, wrong := race("000-000-000"); right != 0 || wrong != sms.MaxTries {
			t.Errorf("%d right, %d tries", right, wrong)
		}
	})
}
