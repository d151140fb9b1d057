package appapi

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// Whenever a request comes in, a phone that waits hears of it within a second: time is the
// bubble's own, so that a slow machine proves nothing and breaks nothing.
func TestAWaitingPhoneHearsWithinASecond(t *testing.T) {
	for _, after := range []time.Duration{0, time.Millisecond, tick - time.Millisecond, tick, tick + time.Millisecond, 7777 * time.Millisecond, maxWait - tick - time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			a := &API{polls: make(chan struct{}, 1), tick: tick, over: make(chan struct{})}
			begun := time.Now()
			comes := begun.Add(after)
			heard := false
			err := a.await(t.Context(), maxWait, func() (bool, error) {
				heard = !time.Now().Before(comes)
				return heard, nil
			})
			if late := time.Since(comes); err != nil || !heard || late > time.Second-300*time.Millisecond { // the rest is for the network
				t.Errorf("a request after %s: heard %v, %s late, %v", after, heard, late, err)
			}
		})
	}
}

func TestWaitingEnds(t *testing.T) {
	broken := errors.New("store")
	for name, c := range map[string]struct {
		full   bool
		drain  time.Duration
		err    error
		after  time.Duration
		wanted error
	}{
		"nothing comes":      {after: maxWait},
		"too many wait":      {full: true},
		"the server stops":   {drain: 3 * time.Second, after: 3 * time.Second},
		"the store is gone":  {err: broken, after: tick, wanted: broken},
		"stopped beforehand": {drain: time.Nanosecond, after: time.Nanosecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			a := &API{polls: make(chan struct{}, 1), tick: tick, over: make(chan struct{})}
			if c.full {
				a.polls <- struct{}{}
			}
			if c.drain > 0 {
				time.AfterFunc(c.drain, a.Drain)
			}
			begun, looks := time.Now(), 0
			err := a.await(t.Context(), maxWait, func() (bool, error) {
				if looks++; looks > 1 {
					return false, c.err
				}
				return false, nil
			})
			if took := time.Since(begun); took != c.after || err != c.wanted {
				t.Errorf("%s: %s, %v", name, took, err)
			}
		})
	}
}
