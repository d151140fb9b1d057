package access

import (
	"context"
	"errors"
	"strings"
	"time"

	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/ident"
	"eulogin.example/cpms/internal/notify"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/plain"
	"eulogin.example/proto/kit/fault"
)

// ReferenceLife is how long the link to a sponsor or representative works: as long as a request
// can stay open.
const ReferenceLife = OpenFor

// Reference is what the sponsor of a guest, or the representative of a member's hospital, is
// asked and answers by a link in a mail (domain.md row 33).
type Reference struct {
	RequestID   string
	Name, Email string
	Digest      string // of the link's token (ident.Digest)
	AskedAt     time.Time
	EndsAt      time.Time // first moment at which the link is dead
	AnsweredAt  time.Time // zero: no answer yet
	Answer      Command   // Vouch or Decline; "" before
	Words       string    // what they added, for the desk alone
}

var (
	// ErrNoReference says that a link is none of ours.
	ErrNoReference = fault.New(fault.NotFound, "reference.unknown")
	// ErrReferenceOver says that the link was used, is too old, or the request is decided.
	ErrReferenceOver = fault.New(fault.Conflict, "reference.over")
	// ErrUnconfirmed says that this service approves nobody whose sponsor or representative
	// has not confirmed.
	ErrUnconfirmed = fault.New(fault.Conflict, "request.unconfirmed")
)

// ReferenceStore keeps references.
type ReferenceStore interface {
	// ReferenceBy gives the one with a digest; ErrNoReference.
	ReferenceBy(ctx context.Context, digest string) (Reference, error)
	// ReferenceOf gives that of a request, or nil.
	ReferenceOf(ctx context.Context, requestID string) (*Reference, error)
}

// Answers holds an answer against all rules and gives the reference as it is then. It is pure;
// the request is as it stands.
func (f Reference) Answers(r Request, do Command, words string, now time.Time) (Reference, error) {
	if !f.AnsweredAt.IsZero() || !now.Before(f.EndsAt) {
		return f, ErrReferenceOver
	}
	if do != Vouch && do != Decline {
		return f, ErrInvalid.WithField("answer", "reference.answer.needed")
	}
	words = strings.TrimSpace(words)
	if !plain.Text(words, TextMax) {
		return f, ErrInvalid.WithField("words", "request.too_long", TextMax)
	}
	if _, ok := Next(r.State, Referee, do); !ok {
		return f, ErrReferenceOver
	}
	f.Answer, f.Words, f.AnsweredAt = do, words, now
	return f, nil
}

// Confirmed holds an approval against the policy that a named sponsor or representative must
// have confirmed, where that is demanded. Guests always name one.
func Confirmed(required bool, f *Reference) error {
	if required && f != nil && f.Answer != Vouch {
		return ErrUnconfirmed
	}
	return nil
}

// reference makes the question to whom a request names, with the mail that carries the link;
// nil when it names nobody.
func (s *Service) reference(p person.Person, r Request) (*Reference, []notify.Mail) {
	if r.SponsorEmail == "" {
		return nil, nil
	}
	token, now := ident.NewToken(s.Random), s.Now()
	f := &Reference{RequestID: r.ID, Name: r.SponsorName, Email: r.SponsorEmail, Digest: ident.Digest(token), AskedAt: now, EndsAt: now.Add(ReferenceLife)}
	to := person.Person{GivenName: f.Name, Email: f.Email, MailLang: p.MailLang}
	return f, []notify.Mail{notify.Reference(to, p, r.Network, s.BaseURL+"/referee/"+token)}
}

// Asked gives the question behind a link: the reference, the request as it stands, and who
// asks. Errors: ErrNoReference.
func (s *Service) Asked(ctx context.Context, token string) (Reference, Request, person.Person, error) {
	f, err := s.Store.ReferenceBy(ctx, ident.Digest(token))
	if err != nil {
		return f, Request{}, person.Person{}, err
	}
	r, err := s.byID(ctx, f.RequestID)
	if err != nil {
		return f, r, person.Person{}, err
	}
	p, err := s.Store.PersonByID(ctx, r.PersonID)
	return f, r, p, err
}

// AnswerReference takes the answer to a link, once. The request moves on by a version, so that
// nobody decides over what they have not read; who may decide is told when it is declined, the
// requester when it is confirmed. Errors: ErrNoReference, ErrReferenceOver, ErrInvalid.
func (s *Service) AnswerReference(ctx context.Context, token string, do Command, words string) error {
	for range 3 { // somebody else's change of the request in between is no obstacle
		f, r, p, err := s.Asked(ctx, token)
		if err != nil {
			return err
		}
		if f, err = f.Answers(r, do, words, s.Now()); err != nil {
			return err
		}
		c := Change{From: r.Version, Answered: &f}
		r.UpdatedAt, r.Version = s.Now(), r.Version+1
		c.Request = r
		c.Events = []audit.Event{s.event(audit.Referee, r, "request."+string(do), "")}
		if c.Mails, err = s.toldOf(ctx, f, p, r); err != nil {
			return err
		}
		if err = s.Store.ApplyChange(ctx, c); !errors.Is(err, ErrChanged) {
			return err
		}
	}
	return ErrChanged
}

func (s *Service) toldOf(ctx context.Context, f Reference, p person.Person, r Request) (mails []notify.Mail, err error) {
	if f.Answer == Vouch {
		return []notify.Mail{notify.ReferenceGiven(p, f.Name, r.Network, s.link(r))}, nil
	}
	deciders, err := s.Store.CoordinatorsOf(ctx, r.Network, s.Now())
	for _, c := range deciders {
		if c.ID != p.ID {
			mails = append(mails, notify.ReferenceDeclined(c, p, r.Network, s.BaseURL+"/desk/"+r.ID))
		}
	}
	return mails, err
}
