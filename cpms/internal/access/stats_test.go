package access

import (
	"testing"
	"time"
)

func TestTheTimesOfDecisions(t *testing.T) {
	var none Stats
	none.times(nil)
	if none.Decisions != 0 || none.Median != 0 || none.InTime != 0 {
		t.Errorf("%+v", none)
	}
	hours := func(list ...int) (out []time.Duration) {
		for _, h := range list {
			out = append(out, time.Duration(h)*time.Hour)
		}
		return out
	}
	for _, tt := range []struct {
		list         []time.Duration
		median, slow int
		in           int
	}{
		{hours(5), 5, 5, 100}, {hours(30, 1), 1, 30, 50}, {hours(24, 24, 25), 24, 25, 66}, {hours(10, 9, 8, 7, 6, 5, 4, 3, 2, 1), 5, 9, 100}, {hours(25), 25, 25, 0},
	} {
		var s Stats
		s.times(tt.list)
		if s.Decisions != len(tt.list) || s.Median != hours(tt.median)[0] || s.Slow != hours(tt.slow)[0] || s.InTime != tt.in {
			t.Errorf("%v: %+v", tt.list, s)
		}
	}
}
