package access

import (
	"testing"
	"time"
)

func TestWhatIsUsual(t *testing.T) {
	hours := func(list ...int) (out []time.Duration) {
		for _, h := range list {
			out = append(out, time.Duration(h)*time.Hour)
		}
		return out
	}
	for name, tt := range map[string]struct {
		times []time.Duration
		want  Usual
	}{
		"none":   {nil, Usual{}},
		"four":   {hours(1, 2, 3, 4), Usual{}},
		"five":   {hours(50, 4, 1, 3, 2), Usual{3 * time.Hour, 50 * time.Hour}},
		"eleven": {hours(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 99), Usual{6 * time.Hour, 10 * time.Hour}},
	} {
		if got := usual(tt.times); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
