package accounttest

import (
	"sync/atomic"
	"time"
)

// Clock is a clock that stands still until it is turned.
type Clock struct{ micros atomic.Int64 }

// NewClock stands at noon of 23 November 2026, UTC.
func NewClock() *Clock {
	c := &Clock{}
	c.micros.Store(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC).UnixMicro())
	return c
}

// Now reads the clock.
func (c *Clock) Now() time.Time { return time.UnixMicro(c.micros.Load()).UTC() }

// Pass turns it forward.
func (c *Clock) Pass(d time.Duration) { c.micros.Add(d.Microseconds()) }
