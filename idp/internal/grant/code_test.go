package grant_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/grant"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// Security case 16, on every engine: of 100 that redeem a code at once one gets it.
func TestOneOfAHundredRedeems(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		code := w.code(t)
		var won, other atomic.Int64
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				_, err := w.RedeemCode(t.Context(), code, kv.Mark{})
				if err == nil {
					won.Add(1)
				} else if fault.CodeOf(err) != grant.ErrInvalid.Code {
					other.Add(1)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 || other.Load() != 0 {
			t.Fatalf("%d got it, %d met other errors", won.Load(), other.Load())
		}
	})
}

func TestACodeEndsByItsOwnClock(t *testing.T) {
	w := newWorld(t)
	code := w.code(t)
	w.pass(grant.CodeLife)
	_, err := w.RedeemCode(t.Context(), code, kv.Mark{})
	invalid(t, "after a minute", err)
	for _, bad := range []string{"", "x", code + "x", code[:42], code[:42] + "="} {
		_, err := w.RedeemCode(t.Context(), bad, kv.Mark{})
		invalid(t, bad, err)
	}
}

// The replay may come at any moment of the exchange: before the family is there, between
// family and access token, or after. Nothing that was given lives.
func TestReplayAtAnyMoment(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, when := range []string{"before", "between", "after"} {
			code := w.code(t)
			c, err := w.RedeemCode(t.Context(), code, kv.Mark{})
			must(t, err)
			replay := func() {
				_, err := w.RedeemCode(t.Context(), code, kv.Mark{})
				invalid(t, "replay", err)
			}
			switch when {
			case "before":
				replay()
			case "between":
				w.before = func(string) error { replay(); return nil }
			}
			got, err := w.exchange(t, code, c)
			must(t, err)
			if when == "after" {
				_, err := w.Access(t.Context(), got.Access, kv.Mark{})
				must(t, err)
				replay()
			}
			_, err = w.Access(t.Context(), got.Access, kv.Mark{})
			invalid(t, when+": access token", err)
			_, err = w.Present(t.Context(), got.Refresh, "rp", true)
			invalid(t, when+": refresh token", err)
		}
	})
}

// An exchange that a store interrupted can be repeated with the code put back, and then gives
// one living family.
func TestAnInterruptedExchangeIsRepeated(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		code := w.code(t)
		c, err := w.RedeemCode(t.Context(), code, kv.Mark{})
		must(t, err)
		w.before = func(string) error { return kv.ErrUnavailable }
		if _, err := w.exchange(t, code, c); !errors.Is(err, kv.ErrUnavailable) {
			t.Fatal(err)
		}
		must(t, w.ReturnCode(t.Context(), code, c))
		if c, err = w.RedeemCode(t.Context(), code, kv.Mark{}); err != nil || c.Nonce != "n" {
			t.Fatalf("%+v %v", c, err)
		}
		got, err := w.exchange(t, code, c)
		must(t, err)
		if _, err := w.turn(t, got.Refresh, true); err != nil {
			t.Fatal(err)
		}
		w.pass(time.Second)
		_, err = w.RedeemCode(t.Context(), code, kv.Mark{})
		invalid(t, "a third time", err)
	})
}

// A store may write and then not answer. What was written was told to nobody, and is no replay: the exchange with the
// code that was put back gives living tokens, unless a replay comes in between or the session ends.
func TestAnExchangeWhoseAnswerWasLostIsRepeated(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		lost := func(ctx context.Context, m kv.Mark) error {
			must(t, w.hold(ctx, m))
			return kv.ErrUnavailable
		}
		for name, between := range map[string]func(code string) (lives bool){
			"nothing": func(string) bool { return true },
			"a replay": func(code string) bool {
				_, err := w.RedeemCode(t.Context(), code, kv.Mark{})
				invalid(t, "replay", err)
				return false
			},
			"the end": func(string) bool { w.over = grant.ErrInvalid; return false },
		} {
			w.over = nil
			code := w.code(t)
			c, err := w.RedeemCode(t.Context(), code, kv.Mark{})
			must(t, err)
			p, err := w.Prepare(t.Context(), code, c, c.Approval, lives)
			must(t, err)
			if err := w.Exchange(t.Context(), p, lost); !errors.Is(err, kv.ErrUnavailable) {
				t.Fatal(err)
			}
			must(t, w.ReturnCode(t.Context(), code, c))
			c, err = w.RedeemCode(t.Context(), code, kv.Mark{})
			must(t, err)
			want := between(code)
			got, err := w.exchange(t, code, c)
			_, aerr := w.Access(t.Context(), got.Access, kv.Mark{})
			_, rerr := w.Present(t.Context(), got.Refresh, "rp", true)
			if lives := err == nil && aerr == nil && rerr == nil; lives != want || !want && (aerr == nil || rerr == nil) {
				t.Errorf("%s in between: %v, %v, %v", name, err, aerr, rerr)
			}
			if _, err := w.Access(t.Context(), p.Access, kv.Mark{}); err == nil {
				t.Errorf("%s in between: what nobody was told is good", name)
			}
		}
	})
}

// A family does not begin where the session is over, and an outage of who knows that uses nothing up.
func TestAFamilyBeginsInItsSession(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		code := w.code(t)
		c, err := w.RedeemCode(t.Context(), code, kv.Mark{})
		must(t, err)
		w.over = kv.ErrUnavailable
		if _, err := w.exchange(t, code, c); !errors.Is(err, kv.ErrUnavailable) {
			t.Fatal(err)
		}
		w.over = nil
		got, err := w.exchange(t, code, c)
		must(t, err)
		if _, err := w.turn(t, got.Refresh, true); err != nil {
			t.Error("after the outage:", err)
		}
		code = w.code(t)
		c, err = w.RedeemCode(t.Context(), code, kv.Mark{})
		must(t, err)
		w.over = grant.ErrInvalid
		got, err = w.exchange(t, code, c)
		invalid(t, "the session is over", err)
		_, err = w.Present(t.Context(), got.Refresh, "rp", true)
		invalid(t, "its refresh token", err)
		_, err = w.Access(t.Context(), got.Access, kv.Mark{})
		invalid(t, "its access token", err)
	})
}

func TestStoreHoldsNoHandle(t *testing.T) {
	w := newWorld(t)
	got := w.tokens(t)
	f, err := w.store.FamilyByID(t.Context(), got.Refresh[:26])
	must(t, err)
	if f.Current == got.Refresh[27:] || len(f.Current) != 64 || got.Access[:26] == got.Refresh[:26] {
		t.Errorf("%q %q", f.Current, got.Refresh)
	}
}
