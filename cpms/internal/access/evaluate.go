package access

import (
	"context"
	"slices"
	"time"

	"eulogin.example/cpms/internal/person"
)

// Action is something that access to a network allows (domain.md §2.2).
type Action string

// The actions. What they mean in detail is the business of the services that ask.
const (
	Enter         Action = "access" // the network's workspace at all
	EnrolPatient  Action = "patient.enrol"
	ViewPatients  Action = "patient.view_own_hospital"
	SubmitPanel   Action = "panel.submit"
	JoinPanel     Action = "panel.join"
	ForwardPanel  Action = "panel.forward"
	Assist        Action = "assistance.handle"
	DecideRequest Action = "request.decide"
	ViewFigures   Action = "kpi.view"
	ViewAnonymous Action = "data.view_anonymised"
)

// Permits says what each role allows. docs/grants.md shows it, and a test compares the two.
var Permits = map[string][]Action{
	HP:              {Enter, EnrolPatient, ViewPatients, SubmitPanel, JoinPanel},
	GuestUser:       {Enter, EnrolPatient, SubmitPanel, JoinPanel}, // no hospital of the network, no patients of one
	Dispatcher:      {Enter, Assist},
	Researcher:      {Enter, ViewAnonymous},
	CoordinatorRole: {Enter, ForwardPanel, DecideRequest, ViewFigures},
}

// Reason says why a question was answered as it was.
type Reason string

// The reasons beside the statuses of grants that do not open.
const (
	Granted      Reason = "granted"
	NoGrant      Reason = "no_grant"
	NotPermitted Reason = "not_permitted" // there is access, and its role does not allow this
	Closed       Reason = "closed"        // the account is closed or erased
)

// Verdict is the answer to one question.
type Verdict struct {
	Allowed bool
	Reason  Reason
	Until   time.Time // of an allowed one: when it ends by time alone; zero: no end is known
}

// Evaluate answers whether somebody may do something in a network. It is pure: the person's
// status, their grants and seats for that network, and the time come in. Of several grants the
// one that opens longest counts; of several reasons against it that of the latest grant.
func Evaluate(status person.Status, grants []Grant, seats []Seat, slug string, do Action, now time.Time) Verdict {
	if status != person.Active {
		return Verdict{Reason: Closed}
	}
	if slices.Contains(Permits[CoordinatorRole], do) && covers(networksOf(seats), slug) {
		return Verdict{Allowed: true, Reason: Granted}
	}
	out := Verdict{Reason: NoGrant}
	var latest Grant
	for _, g := range grants {
		switch {
		case g.Network != slug:
		case !g.Opens(now):
			if out.Reason != NotPermitted && !out.Allowed && (latest.ID == "" || g.StartsAt.After(latest.StartsAt)) {
				latest, out.Reason = g, Reason(g.Status(now))
			}
		case !slices.Contains(Permits[g.Role], do):
			if !out.Allowed {
				out.Reason = NotPermitted
			}
		case !out.Allowed || g.EndsAt.After(out.Until):
			out = Verdict{Allowed: true, Reason: Granted, Until: g.EndsAt}
		}
	}
	return out
}

// Question is what a service asks.
type Question struct {
	Issuer, Subject, Network string
	Action                   Action
}

// EvaluateStore reads what a question is answered from.
type EvaluateStore interface {
	// Standing gives a person's status and all their grants for a network; "" when nobody has
	// signed in as this subject.
	Standing(ctx context.Context, issuer, subject, network string) (id string, status person.Status, grants []Grant, err error)
	Seats(ctx context.Context, personID string, at time.Time) ([]Seat, error)
}

// Evaluator answers questions from a store.
type Evaluator struct {
	Store EvaluateStore
	Now   func() time.Time
}

// Answer answers one question. An error means that nothing is known.
func (e *Evaluator) Answer(ctx context.Context, q Question) (Verdict, error) {
	id, status, grants, err := e.Store.Standing(ctx, q.Issuer, q.Subject, q.Network)
	if err != nil || id == "" {
		return Verdict{Reason: NoGrant}, err
	}
	var seats []Seat
	if slices.Contains(Permits[CoordinatorRole], q.Action) {
		if seats, err = e.Store.Seats(ctx, id, e.Now()); err != nil {
			return Verdict{}, err
		}
	}
	return Evaluate(status, grants, seats, q.Network, q.Action, e.Now()), nil
}
