package access

import (
	"context"

	"eulogin.example/cpms/internal/person"
	"eulogin.example/proto/kit/fault"
)

// ErrOwnAbsent says that a deputy does not decide about whom they stand in for.
var ErrOwnAbsent = fault.New(fault.Denied, "request.own_absent")

// Seat is the right to decide for a network.
type Seat struct {
	Network string // slug, or AllNetworks
	For     string // id of the absent coordinator whose deputy this is; "": by one's own right
}

// covers reports whether the seat is one for this network.
func (s Seat) covers(slug string) bool { return s.Network == AllNetworks || s.Network == slug }

// Approval is the first of two approvals of a request.
type Approval struct {
	Version int64  // that it made; it counts only as long as the request stands there
	By, For string // who approved, and in whose place, or ""
}

// NeedsTwo reports whether a role is given only when two coordinators approve (domain.md row
// 33): those that decide about others, and those that read data of many.
func NeedsTwo(role string) bool { return role == CoordinatorRole || role == Researcher }

// seatFor picks the seat that a decision about r is made from: one's own right before a
// deputy's. Who stands in for the requester has none, and neither has a seat that would let
// one person count twice.
func seatFor(r Request, seats []Seat, by string, first *Approval) (Seat, error) {
	err := error(ErrNotYours)
	var found *Seat
	for _, s := range seats {
		switch {
		case !s.covers(r.Network):
		case s.For == r.PersonID:
			return Seat{}, ErrOwnAbsent
		case first != nil && first.shares(by, s.For):
			err = ErrSecond
		case found == nil || s.For == "":
			found = &s
		}
	}
	if found == nil {
		return Seat{}, err
	}
	return *found, nil
}

// shares reports whether the one who decides now, or whom they stand in for, had a hand in
// the first approval.
func (a Approval) shares(by, stands string) bool {
	had := func(id string) bool { return id != "" && (id == a.By || id == a.For) }
	return had(by) || had(stands)
}

// Networks gives the networks that a person decides for now, by their own right or as a
// deputy; none for most people.
func (s *Service) Networks(ctx context.Context, p person.Person) ([]string, error) {
	seats, err := s.Store.Seats(ctx, p.ID, s.Now())
	return networksOf(seats), err
}

func networksOf(seats []Seat) (out []string) {
	seen := map[string]bool{}
	for _, s := range seats {
		if !seen[s.Network] {
			seen[s.Network] = true
			out = append(out, s.Network)
		}
	}
	return out
}
