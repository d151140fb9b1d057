package access

import (
	"context"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/ident"
	"eulogin.example/cpms/internal/notify"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/proto/kit/fault"
)

// Change is one whole write: the request as it becomes, the grant that it makes, what is
// written down, and the mails.
type Change struct {
	Request Request
	From    int64 // version that must be stored still; 0: a new request
	Grant   *Grant
	Events  []audit.Event
	Mails   []notify.Mail
}

// Store keeps requests, grants and roles.
type Store interface {
	// ApplyChange does all or nothing: ErrChanged when the version moved on, ErrDuplicate
	// when the change would make a second open request of (person, network, role).
	ApplyChange(ctx context.Context, c Change) error
	RequestByID(ctx context.Context, id string) (Request, error)
	RequestsOf(ctx context.Context, personID string) ([]Request, error)
	// Queue gives the open requests of networks (AllNetworks: all), oldest first.
	Queue(ctx context.Context, networks []string, most int) ([]Request, error)
	GrantsOf(ctx context.Context, personID string) ([]Grant, error)
	NetworksOf(ctx context.Context, personID string) ([]string, error) // that the person coordinates
	CoordinatorsOf(ctx context.Context, network string) ([]person.Person, error)
	Timeline(ctx context.Context, requestID string) ([]audit.Event, error)
}

// Assurance asks idp about a person; it fails closed.
type Assurance interface {
	Get(ctx context.Context, p person.Person) (Known, error)
}

// Known is what idp says of a person now.
type Known struct {
	Active       bool
	Level        int  // identity assurance, 0 to 40
	SecondFactor bool // a second factor is enrolled
}

// ErrNotActive says that idp no longer lets this account in.
var ErrNotActive = fault.New(fault.Denied, "request.account_not_active")

// Service runs access requests.
type Service struct {
	Store     Store
	Assurance Assurance
	Now       func() time.Time
	Random    io.Reader
	BaseURL   string // for links in mails
}

// SaveDraft keeps a request that is not submitted yet; an empty ID makes a new one.
func (s *Service) SaveDraft(ctx context.Context, p person.Person, form Request) (Request, error) {
	r, from, err := s.draft(ctx, p, form)
	if err != nil {
		return form, err
	}
	r.Version = from + 1
	return r, s.Store.ApplyChange(ctx, Change{Request: r, From: from})
}

// draft lays a form over what is stored.
func (s *Service) draft(ctx context.Context, p person.Person, form Request) (Request, int64, error) {
	form.Tidy()
	if err := form.Fits(); err != nil {
		return form, 0, err
	}
	now := s.Now()
	r := Request{ID: ident.NewID(s.Random), PersonID: p.ID, State: Draft, CreatedAt: now}
	if form.ID != "" {
		stored, err := s.own(ctx, p, form.ID)
		if err != nil {
			return form, 0, err
		}
		if _, ok := Next(stored.State, Requester, Save); !ok {
			return form, 0, ErrState
		}
		if stored.Version != form.Version {
			return form, 0, ErrChanged
		}
		r = stored
	}
	from := r.Version
	r.Network, r.Country, r.Hospital, r.Role, r.Justification = form.Network, form.Country, form.Hospital, form.Role, form.Justification
	r.SponsorName, r.SponsorEmail, r.DurationDays = form.SponsorName, form.SponsorEmail, form.DurationDays
	r.Declaration, r.Terms, r.UpdatedAt = form.Declaration, form.Terms, now
	return r, from, nil
}

// Submit submits a request. The draft is kept first, so that nothing typed is lost when idp
// does not answer. complete says whether the profile is.
func (s *Service) Submit(ctx context.Context, p person.Person, form Request, complete bool, st Strength, acr string) (Request, error) {
	r, err := s.SaveDraft(ctx, p, form)
	if err != nil {
		return r, err
	}
	if err := r.Check(); err != nil {
		return r, err
	}
	if !complete {
		return r, ErrProfile
	}
	if !st.Enough(s.Now()) {
		return r, ErrLevel
	}
	if err := s.free(ctx, r); err != nil {
		return r, err
	}
	known, err := s.Assurance.Get(ctx, p)
	if err != nil {
		return r, err
	}
	if !known.Active || !known.SecondFactor {
		return r, ErrNotActive
	}
	from, now := r.Version, s.Now()
	done := r
	done.State, done.SubmittedAt, done.UpdatedAt, done.Version = Submitted, now, now, from+1
	done.Assurance, done.ACR, done.TermsVersion = known.Level, acr, TermsVersion
	coordinators, err := s.Store.CoordinatorsOf(ctx, r.Network)
	if err != nil {
		return r, err
	}
	mails := []notify.Mail{notify.Received(p, done.Network, s.link(done))}
	for _, c := range coordinators {
		if c.ID != p.ID {
			mails = append(mails, notify.NewRequest(c, p, done.Network, s.BaseURL+"/desk/"+done.ID))
		}
	}
	return done, s.Store.ApplyChange(ctx, Change{Request: done, From: from, Events: []audit.Event{s.event(p.ID, done, "request.submitted", acr)}, Mails: mails})
}

// free refuses a second open request, and one for access that the person has.
func (s *Service) free(ctx context.Context, r Request) error {
	others, err := s.Store.RequestsOf(ctx, r.PersonID)
	if err != nil {
		return err
	}
	for _, o := range others {
		if o.ID != r.ID && o.State.Open() && o.Network == r.Network && o.Role == r.Role {
			return ErrDuplicate.WithArgs(o.ID)
		}
	}
	grants, err := s.Store.GrantsOf(ctx, r.PersonID)
	if err != nil {
		return err
	}
	for _, g := range grants {
		if st := g.Status(s.Now()); g.Network == r.Network && g.Role == r.Role && st == Active {
			return ErrHasAccess
		}
	}
	return nil
}

// Answer answers the coordinator's question.
func (s *Service) Answer(ctx context.Context, p person.Person, id string, version int64, text string) (Request, error) {
	text = strings.TrimSpace(text)
	if text == "" || utf8.RuneCountInString(text) > textMax || !utf8.ValidString(text) {
		return Request{}, ErrInvalid.WithField("answer", "request.answer.needed")
	}
	return s.move(ctx, p, id, version, Answer, func(r *Request) { r.Answer = text }, func(r Request) ([]notify.Mail, error) {
		coordinators, err := s.Store.CoordinatorsOf(ctx, r.Network)
		var mails []notify.Mail
		for _, c := range coordinators {
			mails = append(mails, notify.NewRequest(c, p, r.Network, s.BaseURL+"/desk/"+r.ID))
		}
		return mails, err
	})
}

// Withdraw takes a request back.
func (s *Service) Withdraw(ctx context.Context, p person.Person, id string, version int64) (Request, error) {
	return s.move(ctx, p, id, version, Withdraw, func(*Request) {}, func(r Request) ([]notify.Mail, error) {
		return []notify.Mail{notify.Withdrawn(p, r.Network, s.link(r))}, nil
	})
}

// move is one command of the requester.
func (s *Service) move(ctx context.Context, p person.Person, id string, version int64, do Command, change func(*Request), mails func(Request) ([]notify.Mail, error)) (Request, error) {
	r, err := s.own(ctx, p, id)
	if err != nil {
		return Request{}, err
	}
	to, ok := Next(r.State, Requester, do)
	if !ok {
		return r, ErrState
	}
	if r.Version != version {
		return r, ErrChanged
	}
	change(&r)
	r.State, r.UpdatedAt, r.Version = to, s.Now(), version+1
	out, err := mails(r)
	if err != nil {
		return r, err
	}
	return r, s.Store.ApplyChange(ctx, Change{Request: r, From: version, Events: []audit.Event{s.event(p.ID, r, "request."+string(do), "")}, Mails: out})
}

// Decide is a coordinator's decision. An approval makes the grant in the same transaction.
func (s *Service) Decide(ctx context.Context, by, requester person.Person, id string, version int64, d Decision, st Strength, acr string) (Request, error) {
	r, networks, err := s.ForDesk(ctx, by, id)
	if err != nil {
		return Request{}, err
	}
	to, err := Decide(r, d, by.ID, networks, st, s.Now())
	if err != nil {
		return r, err
	}
	if r.Version != version {
		return r, ErrChanged
	}
	if d.Do == Approve {
		known, err := s.Assurance.Get(ctx, requester)
		if err != nil {
			return r, err
		}
		if !known.Active {
			return r, ErrNotActive
		}
	}
	c := s.decided(r, to, by, requester, d, acr)
	return c.Request, s.Store.ApplyChange(ctx, c)
}

// decided is the write of a decision.
func (s *Service) decided(r Request, to State, by, requester person.Person, d Decision, acr string) Change {
	now, text := s.Now(), strings.TrimSpace(d.Text)
	c := Change{From: r.Version}
	r.State, r.UpdatedAt, r.Version = to, now, r.Version+1
	switch to {
	case Approved:
		r.DecidedAt, r.DecidedBy, r.Reason = now, by.ID, text
		g := grantOf(r, ident.NewID(s.Random), now)
		c.Grant = &g
		c.Mails = []notify.Mail{notify.Approved(requester, r.Network, g.EndsAt, s.link(r))}
	case Rejected:
		r.DecidedAt, r.DecidedBy, r.Reason = now, by.ID, text
		c.Mails = []notify.Mail{notify.Rejected(requester, r.Network, text, s.link(r))}
	case MoreInfo:
		r.Question, r.Answer = text, ""
		c.Mails = []notify.Mail{notify.Question(requester, r.Network, text, s.link(r))}
	}
	c.Request = r
	c.Events = []audit.Event{s.event(by.ID, r, "request."+string(to), acr)}
	return c
}

// ForDesk gives a request to a coordinator of its network; for others it does not exist.
func (s *Service) ForDesk(ctx context.Context, by person.Person, id string) (Request, []string, error) {
	networks, err := s.Store.NetworksOf(ctx, by.ID)
	if err != nil {
		return Request{}, nil, err
	}
	r, err := s.byID(ctx, id)
	if err != nil {
		return Request{}, nil, err
	}
	if !covers(networks, r.Network) || r.State == Draft {
		return Request{}, nil, ErrUnknown
	}
	return r, networks, nil
}

// Own gives a person's own request.
func (s *Service) Own(ctx context.Context, p person.Person, id string) (Request, error) {
	return s.own(ctx, p, id)
}

func (s *Service) own(ctx context.Context, p person.Person, id string) (Request, error) {
	r, err := s.byID(ctx, id)
	if err == nil && r.PersonID != p.ID {
		return Request{}, ErrUnknown
	}
	return r, err
}

func (s *Service) byID(ctx context.Context, id string) (Request, error) {
	if !ident.IsID(id) {
		return Request{}, ErrUnknown
	}
	return s.Store.RequestByID(ctx, id)
}

func (s *Service) link(r Request) string { return s.BaseURL + "/request/" + r.ID }

func (s *Service) event(actor string, r Request, action, acr string) audit.Event {
	return audit.Event{
		At: s.Now(), Actor: actor, Subject: r.PersonID, Action: action, Object: r.ID,
		Detail: map[string]string{"network": r.Network, "role": r.Role, "acr": acr, "version": strconv.FormatInt(r.Version, 10)},
	}
}
