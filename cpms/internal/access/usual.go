package access

import (
	"context"
	"time"
)

// UsualMin is how many decisions must be there before anything is said about how long they take:
// of fewer the numbers say little, and too much about one person's.
const UsualMin = 5

// Usual is how long the decisions of a network took in the last 90 days, from submission: half of
// them at most Median, nine of ten at most Slow. Of fewer than UsualMin both are 0.
type Usual struct{ Median, Slow time.Duration }

// Usual tells that of a network, to everybody who is signed in.
func (s *Service) Usual(ctx context.Context, network string) (Usual, error) {
	now := s.Now()
	times, err := s.Store.DecisionTimes(ctx, Span{Networks: []string{network}, From: now.Add(-statTimes), Until: now}, statMost)
	return usual(times), err
}

func usual(times []time.Duration) Usual {
	if len(times) < UsualMin {
		return Usual{}
	}
	var all Stats
	all.times(times)
	return Usual{all.Median, all.Slow}
}
