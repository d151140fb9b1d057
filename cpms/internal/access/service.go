package access

import (
	"context"
	"io"
	"strconv"
	"time"

	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/ident"
	"eulogin.example/cpms/internal/notify"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/signoff"
	"eulogin.example/cpms/internal/terms"
	"eulogin.example/proto/kit/fault"
)

// Change is one whole write: the request as it becomes, the grant that it makes, what is
// written down, and the mails.
type Change struct {
	Request Request
	From    int64 // version that must be stored still; 0: a new request
	Grant   *Grant
	// Ended is the grant that ends before its time, with RevokedAt, RevokedBy and
	// RevokedReason: it and all others of its person for the same network and role.
	Ended *Grant
	Proof *Proof // of a decision
	// Approval is the first of two; Request.Version is the version that it makes.
	Approval *Approval
	// Asks is the question to a sponsor or representative, Answered one with its answer.
	Asks, Answered *Reference
	// Bulk says that this is one of several decisions: its mails wait.
	Bulk    *BulkMark
	Remark  *Remark           // a question or an answer, for the conversation
	Accept  *terms.Acceptance // of terms and privacy statement
	Events  []audit.Event
	Mails   []notify.Mail
	SignOff []signoff.Message // who is signed out everywhere
}

// Store keeps requests, grants and roles.
type Store interface {
	DeputyStore
	ReferenceStore
	BulkStore
	StatStore
	RemarkStore
	TermsStore
	PersonByID(ctx context.Context, id string) (person.Person, error)
	// ApplyChange does all or nothing: ErrChanged when the version moved on, ErrDuplicate
	// when the change would make a second open request of (person, network, role),
	// person.ErrClosed for a new request of an erased person. A grant takes the place of the
	// person's older ones for the same network and role: those call for no more notices. A
	// grant that extends one which was taken back meanwhile, and the end of one that is over,
	// are ErrChanged.
	ApplyChange(ctx context.Context, c Change) error
	RequestByID(ctx context.Context, id string) (Request, error)
	RequestsOf(ctx context.Context, personID string) ([]Request, error)
	// Search gives the requests that a query of the desk means, in its order.
	Search(ctx context.Context, q Query) ([]Request, error)
	// OpenCounts counts the open requests of networks (nil: all); late: submitted before it.
	OpenCounts(ctx context.Context, networks []string, late time.Time) (Counts, error)
	// PeopleNamed gives ids of people with a name in which every word begins one.
	PeopleNamed(ctx context.Context, words []string, most int) ([]string, error)
	// SameHospital counts the grants that open a network now for people of a hospital.
	SameHospital(ctx context.Context, network, hospital string, at time.Time) (int, error)
	GrantsOf(ctx context.Context, personID string) ([]Grant, error)
	// Seats gives what a person decides for at a moment: the networks that they coordinate, by
	// an operator's word or by a grant, and those of the coordinators that they stand in for.
	Seats(ctx context.Context, personID string, at time.Time) ([]Seat, error)
	// CoordinatorsOf gives who decides for a network at a moment, deputies among them.
	CoordinatorsOf(ctx context.Context, network string, at time.Time) ([]person.Person, error)
	// Administers reports whether a person is an administrator.
	Administers(ctx context.Context, personID string) (bool, error)
	// ApprovalOf gives the first approval that made this version of a request, or nil.
	ApprovalOf(ctx context.Context, requestID string, version int64) (*Approval, error)
	Timeline(ctx context.Context, requestID string) ([]audit.Event, error)
	Proofs(ctx context.Context, requestID string) ([]Proof, error) // oldest first
	// Looked writes an event unless the same actor made it about the same object within a time.
	Looked(ctx context.Context, e audit.Event, within time.Duration) error
	// Record writes events that have no other cause.
	Record(ctx context.Context, at time.Time, events []audit.Event) error
	// Trail gives what others did with a person's data before a moment, newest first.
	Trail(ctx context.Context, personID string, before time.Time, most int) ([]audit.Event, error)
}

// Assurance asks idp about a person. Without an answer it gives an error of the kind
// Unavailable, and nothing is submitted or approved.
type Assurance interface {
	Get(ctx context.Context, p person.Person) (Known, error)
}

// Known is what idp says of a person.
type Known struct {
	Active       bool
	Level        int  // identity assurance: 0, 10, 20, 30 or 40
	SecondFactor bool // the enrolled factors reach MEDIUM
}

// ErrNotActive says that idp no longer lets this account in.
var ErrNotActive = fault.New(fault.Denied, "request.account_not_active")

// Service runs access requests.
type Service struct {
	Store     Store
	Assurance Assurance // asked at the moment of a submission or an approval
	Shown     Assurance // for pages: may be some seconds old
	Now       func() time.Time
	Random    io.Reader
	BaseURL   string // for links in mails, and the issuer of receipts
	Receipts  Receipts
	// RefereeRequired refuses approvals that the named sponsor or representative has not
	// confirmed; an operator's choice.
	RefereeRequired bool
}

// KnownForPages gives what idp says of a person, for showing; false when idp does not answer.
// No rule may rest on it.
func (s *Service) KnownForPages(ctx context.Context, p person.Person) (Known, bool) {
	k, err := s.Shown.Get(ctx, p)
	return k, err == nil
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
