package access

import (
	"context"
	"slices"
	"time"

	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/ident"
	"eulogin.example/cpms/internal/network"
	"eulogin.example/cpms/internal/notify"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/proto/kit/fault"
)

// DeputyDays is the longest absence, and how far ahead one may begin.
const DeputyDays = 90

// Deputy says that somebody has a coordinator's desk for a network while they are away.
type Deputy struct {
	ID, Network             string
	CoordinatorID, DeputyID string
	From, Until             time.Time // Until is the first moment without the desk
	MadeAt, EndedAt         time.Time // EndedAt: taken back before its time; zero: not
}

// Stands reports whether the deputy has the desk at a moment.
func (d Deputy) Stands(at time.Time) bool {
	return d.EndedAt.IsZero() && !at.Before(d.From) && at.Before(d.Until)
}

// Over reports whether it can never stand again.
func (d Deputy) Over(at time.Time) bool { return !d.EndedAt.IsZero() || !at.Before(d.Until) }

var (
	// ErrDeputy collects what is wrong with the naming of a deputy, field by field.
	ErrDeputy = fault.New(fault.Invalid, "deputy.invalid")
	// ErrNoDeputy says that there is no such deputy, or none that one may end.
	ErrNoDeputy = fault.New(fault.NotFound, "deputy.unknown")
)

// DeputyStore keeps deputies.
type DeputyStore interface {
	// AddDeputy adds one; ErrDeputy (field from) when the coordinator has another for the
	// network in that time, person.ErrClosed when the coordinator was erased.
	AddDeputy(ctx context.Context, d Deputy, events []audit.Event, mails []notify.Mail) error
	// EndDeputy ends one that is not over; ErrNoDeputy when it is.
	EndDeputy(ctx context.Context, at time.Time, id string, events []audit.Event, mails []notify.Mail) error
	DeputyByID(ctx context.Context, id string) (Deputy, error)
	// DeputiesOf gives those not over of a coordinator or by a deputy; "" means of everybody.
	DeputiesOf(ctx context.Context, personID string, at time.Time, most int) ([]Deputy, error)
	PeopleByEmail(ctx context.Context, email string) ([]person.Person, error)
}

// OwnNetworks gives the networks that a person coordinates by their own right: a deputy does
// not name deputies (security case 41).
func (s *Service) OwnNetworks(ctx context.Context, p person.Person) ([]string, error) {
	seats, err := s.Store.Seats(ctx, p.ID, s.Now())
	return networksOf(slices.DeleteFunc(seats, func(seat Seat) bool { return seat.For != "" })), err
}

// Absence is what a coordinator fills in.
type Absence struct {
	Network, Email string
	From, Until    time.Time
}

// NameDeputy gives somebody the desk of a network from From until Until, in the place of by.
// The deputy must have access to that network as a member, or coordinate one. Errors:
// ErrNoDesk, ErrLevel, ErrDeputy with fields, person.ErrClosed.
func (s *Service) NameDeputy(ctx context.Context, by person.Person, a Absence, st Strength, acr string) (Deputy, error) {
	own, err := s.OwnNetworks(ctx, by)
	if err != nil {
		return Deputy{}, err
	}
	if len(own) == 0 {
		return Deputy{}, ErrNoDesk
	}
	if err := a.check(own, s.Now()); err != nil {
		return Deputy{}, err
	}
	if !st.Enough(s.Now()) {
		return Deputy{}, ErrLevel
	}
	who, err := s.mayStandIn(ctx, by, a)
	if err != nil {
		return Deputy{}, err
	}
	d := Deputy{ID: ident.NewID(s.Random), Network: a.Network, CoordinatorID: by.ID, DeputyID: who.ID, From: a.From, Until: a.Until, MadeAt: s.Now()}
	link := s.BaseURL + "/desk"
	mails := []notify.Mail{notify.DeputyNamed(who, by, a.Network, a.From, a.Until, link), notify.DeputySet(by, who, a.Network, a.From, a.Until, link+"/deputies")}
	return d, s.Store.AddDeputy(ctx, d, []audit.Event{s.deputyEvent(by.ID, d, "deputy.named", acr)}, mails)
}

// EndDeputy takes a deputy's desk back at once; the absent coordinator and the deputy may, and
// so may whoever administers.
func (s *Service) EndDeputy(ctx context.Context, by person.Person, id string, administers bool, acr string) error {
	if !ident.IsID(id) {
		return ErrNoDeputy
	}
	d, err := s.Store.DeputyByID(ctx, id)
	if err != nil {
		return err
	}
	if !administers && d.CoordinatorID != by.ID && d.DeputyID != by.ID {
		return ErrNoDeputy
	}
	who, err := s.Store.PersonByID(ctx, d.DeputyID)
	if err != nil {
		return err
	}
	absent, err := s.Store.PersonByID(ctx, d.CoordinatorID)
	if err != nil {
		return err
	}
	var mails []notify.Mail
	if who.Status == person.Active {
		mails = []notify.Mail{notify.DeputyEnded(who, absent, d.Network, s.BaseURL+"/screen/home")}
	}
	return s.Store.EndDeputy(ctx, s.Now(), id, []audit.Event{s.deputyEvent(by.ID, d, "deputy.ended", acr)}, mails)
}

func (s *Service) deputyEvent(actor string, d Deputy, action, acr string) audit.Event {
	return audit.Event{At: s.Now(), Actor: actor, Subject: d.DeputyID, Action: action, Object: d.ID, Detail: map[string]string{"of": d.CoordinatorID, "at": d.Network, "acr": acr}}
}

// check holds an absence against its form.
func (a Absence) check(own []string, now time.Time) error {
	e := ErrDeputy
	if _, known := network.BySlug(a.Network); !known || !covers(own, a.Network) {
		e = e.WithField("network", "request.choice")
	}
	if a.Email == "" {
		e = e.WithField("email", "request.required")
	}
	switch day := 24 * time.Hour; {
	case a.From.IsZero():
		e = e.WithField("from", "deputy.date")
	case a.From.Before(now.Add(-day)) || a.From.After(now.Add(DeputyDays*day)):
		e = e.WithField("from", "deputy.from.range", DeputyDays)
	case a.Until.IsZero():
		e = e.WithField("until", "deputy.date")
	case !a.Until.After(a.From) || a.Until.After(a.From.Add((DeputyDays+1)*day)):
		e = e.WithField("until", "deputy.until.range", DeputyDays)
	}
	return e.Or()
}

// mayStandIn finds the deputy. Everything that keeps somebody from being one gives the same
// answer: the form is no way to ask who has an account.
func (s *Service) mayStandIn(ctx context.Context, by person.Person, a Absence) (person.Person, error) {
	people, err := s.Store.PeopleByEmail(ctx, a.Email)
	if err != nil {
		return person.Person{}, err
	}
	for _, p := range people {
		if p.ID == by.ID || p.Status != person.Active {
			continue
		}
		own, err := s.OwnNetworks(ctx, p)
		if err != nil {
			return person.Person{}, err
		}
		if len(own) > 0 {
			return p, nil
		}
		grants, err := s.Store.GrantsOf(ctx, p.ID)
		if err != nil {
			return person.Person{}, err
		}
		if slices.ContainsFunc(grants, func(g Grant) bool { return g.Network == a.Network && member(g.Role) && g.Opens(s.Now()) }) {
			return p, nil
		}
	}
	return person.Person{}, ErrDeputy.WithField("email", "deputy.nobody")
}

// member reports whether a role is that of somebody who works for a member hospital.
func member(role string) bool { return role == HP || role == Dispatcher }
