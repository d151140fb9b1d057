package storetest

import (
	"fmt"
	"testing"
	"time"

	"eulogin.example/cpms/internal/access"
)

// The fifth decision of a network's last 90 days makes its numbers; those of other networks and of
// longer ago do not count.
func TestWhatIsUsualInANetwork(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		eye, lars := w.coordinator("elena", "ern-eye"), w.coordinator("lars", "ern-lung")
		usual := func(want access.Usual) {
			t.Helper()
			if got, err := w.access.Usual(t.Context(), "ern-eye"); err != nil || got != want {
				t.Errorf("%+v %v, want %+v", got, err, want)
			}
		}
		for i := range access.UsualMin {
			usual(access.Usual{})
			p, q := w.person(fmt.Sprint("p", i)), w.person(fmt.Sprint("q", i))
			r, other := w.submit(p, form()), w.submit(q, lung())
			w.pass(time.Duration(i+1) * time.Hour)
			w.approve(eye, p, r)
			w.approve(lars, q, other)
			w.pass(time.Minute)
		}
		usual(access.Usual{Median: 3 * time.Hour, Slow: 5 * time.Hour})
		w.pass(89 * day)
		usual(access.Usual{Median: 3 * time.Hour, Slow: 5 * time.Hour})
		w.pass(day)
		usual(access.Usual{})
	})
}
