package access

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"eulogin.example/cpms/internal/ident"
	"eulogin.example/cpms/internal/network"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/plain"
	"eulogin.example/proto/kit/fault"
)

// The limits of the queue.
const (
	QueuePage  = 25  // requests on a page
	searchMax  = 100 // characters of a search
	matchesMax = 200 // people or hospitals that a search may mean; more is no answer
)

// ErrNoDesk says that the person decides for no network.
var ErrNoDesk = fault.New(fault.Denied, "desk.none")

// ErrBroad says that a search means too many people.
var ErrBroad = fault.New(fault.Invalid, "desk.search.broad")

// OpenStates is the filter for everything that awaits something.
const OpenStates = "open"

// QueueStates are the choices of the state filter.
var QueueStates = []string{OpenStates, string(Submitted), string(MoreInfo), string(Approved), string(Rejected), string(Withdrawn), string(Lapsed)}

// Filter says which requests somebody at the desk wants to see. The zero value is everything
// that is open. Fields from outside need no check before: what is unknown finds nothing.
type Filter struct {
	State   string // one of QueueStates, or "": OpenStates
	Network string // slug, or "": all of one's own
	Role    string
	Age     time.Duration // submitted at least so long ago
	Text    string        // words of a name, part of a hospital's name, or a reference
	After   Cursor        // where the page before ended
}

// Cursor is a place in the queue. It gives no right: the networks of who asks are applied to
// every page anew (security case 38).
type Cursor struct {
	At time.Time // of submission; zero: the beginning
	ID string
}

// String is how a cursor stands in an address.
func (c Cursor) String() string {
	if c.At.IsZero() {
		return ""
	}
	return strconv.FormatInt(c.At.UnixMicro(), 36) + "-" + c.ID
}

// ParseCursor reads what String wrote; anything else is the beginning.
func ParseCursor(text string) Cursor {
	stamp, id, _ := strings.Cut(text, "-")
	micros, err := strconv.ParseInt(stamp, 36, 64)
	if err != nil || micros <= 0 || !ident.IsID(id) {
		return Cursor{}
	}
	return Cursor{time.UnixMicro(micros).UTC(), id}
}

// Query is a filter as stores answer it.
type Query struct {
	Networks  []string // nil: all
	States    []State
	Role      string    // "": all
	Before    time.Time // submitted at this moment or earlier; zero: all
	Search    bool      // only what one of the next three names
	ID        string
	People    []string
	Hospitals []string
	Newest    bool // first; otherwise the oldest
	After     Cursor
	Most      int
}

// Queue is one page of the desk's requests.
type Queue struct {
	Rows []Request
	Next Cursor // zero: this is the last page
}

// Counts are numbers of open requests.
type Counts struct {
	Submitted, MoreInfo, Late, All int
	Networks                       map[string]int
}

// Queue gives one page of the requests that by may see, the oldest first as long as they
// wait, the newest first when they are decided. Errors: ErrNoDesk, ErrBroad.
func (s *Service) Queue(ctx context.Context, by person.Person, f Filter) (Queue, error) {
	networks, err := s.networksOf(ctx, by)
	if err != nil {
		return Queue{}, err
	}
	q, ok, err := s.query(ctx, networks, f)
	if err != nil || !ok {
		return Queue{}, err
	}
	rows, err := s.Store.Search(ctx, q)
	if err != nil || len(rows) <= QueuePage {
		return Queue{Rows: rows}, err
	}
	last := rows[QueuePage-1]
	return Queue{rows[:QueuePage], Cursor{last.SubmittedAt, last.ID}}, nil
}

// Counts gives the numbers beside the queue.
func (s *Service) Counts(ctx context.Context, by person.Person) (Counts, error) {
	networks, err := s.networksOf(ctx, by)
	if err != nil {
		return Counts{}, err
	}
	return s.Store.OpenCounts(ctx, within(networks), s.Now().Add(-Target))
}

// networksOf gives the networks of somebody at the desk; ErrNoDesk when there is none.
func (s *Service) networksOf(ctx context.Context, by person.Person) ([]string, error) {
	networks, err := s.Networks(ctx, by)
	if err == nil && len(networks) == 0 {
		err = ErrNoDesk
	}
	return networks, err
}

// within is the networks as queries want them.
func within(networks []string) []string {
	if slices.Contains(networks, AllNetworks) {
		return nil
	}
	return networks
}

// query makes a query of a filter; false when nothing can match.
func (s *Service) query(ctx context.Context, networks []string, f Filter) (Query, bool, error) {
	q := Query{Networks: within(networks), Role: f.Role, After: f.After, Most: QueuePage + 1}
	if f.Network != "" {
		if _, known := network.BySlug(f.Network); !known || !covers(networks, f.Network) {
			return q, false, nil
		}
		q.Networks = []string{f.Network}
	}
	switch f.State {
	case "", OpenStates:
		q.States = []State{Submitted, MoreInfo}
	default:
		if !slices.Contains(QueueStates, f.State) {
			return q, false, nil
		}
		q.States = []State{State(f.State)}
	}
	q.Newest = !q.States[0].Open()
	if f.Age > 0 {
		q.Before = s.Now().Add(-f.Age)
	}
	text := strings.TrimSpace(f.Text)
	if text == "" {
		return q, true, nil
	}
	return s.search(ctx, q, text)
}

// search finds what a text may mean: a reference, hospitals, people.
func (s *Service) search(ctx context.Context, q Query, text string) (Query, bool, error) {
	if !plain.Line(text, searchMax) {
		return q, false, nil
	}
	q.Search = true
	if id := strings.ToLower(text); ident.IsID(id) {
		q.ID = id
		return q, true, nil
	}
	words := plain.Words(text)
	if len(words) == 0 {
		return q, false, nil
	}
	for _, h := range network.Hospitals() {
		if named(h.Name, words) {
			q.Hospitals = append(q.Hospitals, h.ID)
		}
	}
	people, err := s.Store.PeopleNamed(ctx, words, matchesMax+1)
	if err == nil && len(people) > matchesMax {
		err = ErrBroad
	}
	q.People = people
	return q, len(q.People)+len(q.Hospitals) > 0, err
}

// named reports whether every word begins one of the name's words.
func named(name string, words []string) bool {
	parts := plain.Words(name)
	return !slices.ContainsFunc(words, func(w string) bool {
		return !slices.ContainsFunc(parts, func(p string) bool { return strings.HasPrefix(p, w) })
	})
}
