package access

import (
	"context"
	"slices"
	"time"

	"eulogin.example/cpms/internal/network"
	"eulogin.example/cpms/internal/person"
)

// The spans that statistics look at.
const (
	StatMonths = 12
	statTimes  = 90 * 24 * time.Hour // of the decisions whose duration counts
	statMost   = 20000               // durations at most
)

// Month is what happened in one month.
type Month struct {
	From                          time.Time // its first moment, in the zone of the desk
	Submitted, Approved, Rejected int
}

// Share is what was decided about one role or network in all months together.
type Share struct {
	Key                string
	Approved, Rejected int
}

// Stats are the numbers of a desk. They count requests, never people by name.
type Stats struct {
	Months          []Month // the oldest first
	Roles, Networks []Share
	Decisions       int           // of the last 90 days, about which the next three speak
	Median, Slow    time.Duration // from submission to decision; nine of ten were faster than Slow
	InTime          int           // percent within Target
}

// Span asks a store for the numbers of one month.
type Span struct {
	Networks    []string // nil: all
	From, Until time.Time
}

// Decided counts the decisions of a span by network, role and state.
type Decided struct {
	Network, Role string
	State         State
	N             int
}

// StatStore counts.
type StatStore interface {
	SubmittedIn(ctx context.Context, s Span) (int, error)
	DecidedIn(ctx context.Context, s Span) ([]Decided, error)
	// DecisionTimes gives how long decisions of a span took, at most so many.
	DecisionTimes(ctx context.Context, s Span, most int) ([]time.Duration, error)
}

// Stats counts for the networks of somebody at the desk, or for one of them. The months are
// those of zone. Errors: ErrNoDesk.
func (s *Service) Stats(ctx context.Context, by person.Person, only string, zone *time.Location) (out Stats, err error) {
	networks, err := s.networksOf(ctx, by)
	if err != nil {
		return out, err
	}
	span := Span{Networks: within(networks)}
	if _, known := network.BySlug(only); known && covers(networks, only) {
		span.Networks = []string{only}
	}
	now := s.Now().In(zone)
	first := time.Date(now.Year(), now.Month()-StatMonths+1, 1, 0, 0, 0, 0, zone)
	roles, nets := map[string]*Share{}, map[string]*Share{}
	for i := range StatMonths {
		span.From, span.Until = first.AddDate(0, i, 0), first.AddDate(0, i+1, 0)
		m, err := s.month(ctx, span, roles, nets)
		if err != nil {
			return out, err
		}
		out.Months = append(out.Months, m)
	}
	out.Roles, out.Networks = shares(roles), shares(nets)
	span.From, span.Until = s.Now().Add(-statTimes), s.Now()
	times, err := s.Store.DecisionTimes(ctx, span, statMost)
	out.times(times)
	return out, err
}

func (s *Service) month(ctx context.Context, span Span, roles, nets map[string]*Share) (m Month, err error) {
	m.From = span.From
	if m.Submitted, err = s.Store.SubmittedIn(ctx, span); err != nil {
		return m, err
	}
	list, err := s.Store.DecidedIn(ctx, span)
	for _, d := range list {
		switch d.State {
		case Approved:
			m.Approved += d.N
			share(roles, d.Role).Approved += d.N
			share(nets, d.Network).Approved += d.N
		case Rejected:
			m.Rejected += d.N
			share(roles, d.Role).Rejected += d.N
			share(nets, d.Network).Rejected += d.N
		}
	}
	return m, err
}

func share(m map[string]*Share, key string) *Share {
	if m[key] == nil {
		m[key] = &Share{Key: key}
	}
	return m[key]
}

// shares gives the largest first.
func shares(m map[string]*Share) (out []Share) {
	for _, s := range m {
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b Share) int {
		if d := b.Approved + b.Rejected - a.Approved - a.Rejected; d != 0 {
			return d
		}
		return slices.Compare([]byte(a.Key), []byte(b.Key))
	})
	return out
}

// times fills what is said about durations.
func (s *Stats) times(list []time.Duration) {
	if s.Decisions = len(list); len(list) == 0 {
		return
	}
	slices.Sort(list)
	s.Median, s.Slow = list[(len(list)-1)/2], list[(len(list)*9+9)/10-1]
	in, _ := slices.BinarySearch(list, Target+1)
	s.InTime = in * 100 / len(list)
}
