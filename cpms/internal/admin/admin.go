package admin

import (
	"context"
	"io"
	"strings"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/ident"
	"eulogin.example/cpms/internal/network"
	"eulogin.example/cpms/internal/notify"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/plain"
	"eulogin.example/proto/kit/fault"
)

var (
	// ErrNone says that the person is no administrator.
	ErrNone = fault.New(fault.Denied, "admin.none")
	// ErrInvalid collects what is wrong with a form, field by field.
	ErrInvalid = fault.New(fault.Invalid, "admin.invalid")
	// ErrChanged says that somebody else changed the same meanwhile.
	ErrChanged = fault.New(fault.Conflict, "admin.changed")
	// ErrOwn says that administrators give nothing to themselves.
	ErrOwn = fault.New(fault.Denied, "admin.own")
	// ErrUnknown says that there is no such network, hospital or coordinator.
	ErrUnknown = fault.New(fault.NotFound, "admin.unknown")
)

// Holder is somebody who coordinates by an operator's or administrator's word.
type Holder struct {
	PersonID, Name, Email string // "" before the first sign-in
	Subject, Network      string
	Since                 time.Time
}

// Write is what every change writes beside itself.
type Write struct {
	At     time.Time
	Events []audit.Event
	Mails  []notify.Mail
}

// Store keeps what administrators keep.
type Store interface {
	Administers(ctx context.Context, personID string) (bool, error)
	Holders(ctx context.Context, most int) ([]Holder, error)
	PeopleByEmail(ctx context.Context, email string) ([]person.Person, error)
	CoordinatorsOf(ctx context.Context, network string, at time.Time) ([]person.Person, error)
	PersonByID(ctx context.Context, id string) (person.Person, error)
	Administrators(ctx context.Context) ([]person.Person, error)
	// Propose keeps a proposal unless one stands that is younger than stale: ErrChanged.
	Propose(ctx context.Context, p Proposal, stale time.Time, w Write) error
	Proposals(ctx context.Context, after time.Time) ([]Proposal, error)
	// Confirm uses up a proposal of somebody else, made after a time, and gives the role:
	// ErrSecond, ErrChanged.
	Confirm(ctx context.Context, p person.Person, network, by string, after time.Time, w Write) error
	Drop(ctx context.Context, p person.Person, network string, w Write) error
	// TakeFrom removes the role COORDINATOR; ErrChanged when the person has it not.
	TakeFrom(ctx context.Context, p person.Person, network string, w Write) error
	Overlay(ctx context.Context) (network.Overlay, error)
	// PutNetwork writes a setting over the version before it; ErrChanged.
	PutNetwork(ctx context.Context, s network.Setting, w Write) error
	// AddHospital gives it the next free id of its country from network.AddedFrom on.
	AddHospital(ctx context.Context, h network.Hospital, w Write) (network.Hospital, error)
	// Disable takes a hospital off the choices, or puts it back.
	Disable(ctx context.Context, id string, disabled bool, w Write) error
}

// Service is what administrators do.
type Service struct {
	Store   Store
	Now     func() time.Time
	Random  io.Reader
	BaseURL string
}

// By is who administers, and how strongly signed in.
type By struct {
	Person   person.Person
	Strength access.Strength
	ACR      string
}

// May gives ErrNone unless the person administers.
func (s *Service) May(ctx context.Context, p person.Person) error {
	ok, err := s.Store.Administers(ctx, p.ID)
	if err == nil && !ok {
		err = ErrNone
	}
	return err
}

// allowed is the guard of every change.
func (s *Service) allowed(ctx context.Context, by By) error {
	if err := s.May(ctx, by.Person); err != nil {
		return err
	}
	if !by.Strength.Enough(s.Now()) {
		return access.ErrLevel
	}
	return nil
}

func (s *Service) write(by By, subject, action, object string, detail map[string]string) Write {
	detail["acr"] = by.ACR
	now := s.Now()
	return Write{At: now, Events: []audit.Event{{At: now, Actor: by.Person.ID, Subject: subject, Action: action, Object: object, Detail: detail}}}
}

// Refresh makes the lists as the store has them hold in this process; run it often, changes of
// other replicas come that way.
func (s *Service) Refresh(ctx context.Context) error {
	o, err := s.Store.Overlay(ctx)
	if err != nil {
		return err
	}
	return network.Use(o)
}

// SetNetwork changes a network's helpdesk address and whether it takes new requests. from is
// the version that was looked at.
func (s *Service) SetNetwork(ctx context.Context, by By, set network.Setting, from int64) error {
	if err := s.allowed(ctx, by); err != nil {
		return err
	}
	if _, ok := network.BySlug(set.Slug); !ok {
		return ErrUnknown
	}
	if set.Helpdesk = strings.TrimSpace(set.Helpdesk); !plain.Email(set.Helpdesk) {
		return ErrInvalid.WithField("helpdesk", "request.email.malformed")
	}
	set.Version = from + 1
	open := map[bool]string{false: "open", true: "closed"}[set.Closed]
	w := s.write(by, "", "network.set", set.Slug, map[string]string{"helpdesk": set.Helpdesk, "requests": open})
	if err := s.Store.PutNetwork(ctx, set, w); err != nil {
		return err
	}
	return s.Refresh(ctx)
}

// AddHospital adds one to the list.
func (s *Service) AddHospital(ctx context.Context, by By, h network.Hospital) (network.Hospital, error) {
	if err := s.allowed(ctx, by); err != nil {
		return h, err
	}
	h.Name = strings.Join(strings.Fields(h.Name), " ")
	e := ErrInvalid
	if !network.IsCountry(h.Country) {
		e = e.WithField("country", "request.choice")
	}
	if h.Name == "" || !plain.Line(h.Name, 120) {
		e = e.WithField("name", "admin.hospital.name")
	}
	for _, slug := range h.Networks {
		if _, ok := network.BySlug(slug); !ok {
			e = e.WithField("networks", "request.choice")
		}
	}
	if len(h.Networks) == 0 {
		e = e.WithField("networks", "request.required")
	}
	for _, o := range network.Every() {
		if o.Country == h.Country && strings.EqualFold(o.Name, h.Name) {
			e = e.WithField("name", "admin.hospital.twice")
		}
	}
	if err := e.Or(); err != nil {
		return h, err
	}
	h, err := s.Store.AddHospital(ctx, h, s.write(by, "", "hospital.added", "", map[string]string{"country": h.Country, "hospital": h.Name, "networks": strings.Join(h.Networks, " ")}))
	if err != nil {
		return h, err
	}
	return h, s.Refresh(ctx)
}

// Disable takes a hospital off the choices, or puts it back. Nothing that names it changes.
func (s *Service) Disable(ctx context.Context, by By, id string, disabled bool) error {
	if err := s.allowed(ctx, by); err != nil {
		return err
	}
	if _, ok := network.HospitalByID(id); !ok {
		return ErrUnknown
	}
	action := map[bool]string{true: "hospital.disabled", false: "hospital.enabled"}[disabled]
	if err := s.Store.Disable(ctx, id, disabled, s.write(by, "", action, id, map[string]string{})); err != nil {
		return err
	}
	return s.Refresh(ctx)
}

// known finds a person by id; nothing else becomes part of a lookup.
func (s *Service) known(ctx context.Context, id string) (person.Person, error) {
	if !ident.IsID(id) {
		return person.Person{}, ErrUnknown
	}
	return s.Store.PersonByID(ctx, id)
}
