package access

import (
	"context"
	"time"

	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/ident"
	"eulogin.example/cpms/internal/notify"
	"eulogin.example/cpms/internal/person"
)

// RemarkMail is a mail about a remark to one person.
type RemarkMail struct {
	PersonID string
	Mail     notify.Mail
}

// RemarkStore keeps conversations.
type RemarkStore interface {
	// AddRemark writes a remark of kind PlainRemark with its event and mails. Nobody gets two
	// mails about one request within RemarkMailEvery: the second waits until then, and stands
	// for all remarks up to it. A remark whose id is stored already changes nothing: a form that
	// is sent twice is one remark. ErrRemarks, person.ErrClosed when requester or writer was
	// erased meanwhile, ErrChanged when the id is somebody else's.
	AddRemark(ctx context.Context, requester string, r Remark, e audit.Event, mails []RemarkMail) error
	// Remarks gives the conversation about a request, oldest first; the private parts too or not.
	Remarks(ctx context.Context, requestID string, private bool) ([]Remark, error)
}

// NewRemarkID draws the id of a remark before it is written, so that a form sent twice is one.
func (s *Service) NewRemarkID() string { return ident.NewID(s.Random) }

// Remark writes a requester's remark about their own request. ErrUnknown, ErrSilent, ErrRemarks,
// ErrInvalid.
func (s *Service) Remark(ctx context.Context, p person.Person, id, remarkID, text string) (Request, error) {
	r, err := s.own(ctx, p, id)
	if err != nil {
		return r, err
	}
	deciders, err := s.Store.CoordinatorsOf(ctx, r.Network, s.Now())
	if err != nil {
		return r, err
	}
	remark := Remark{ID: remarkID, Side: Requester, ByID: p.ID}
	return r, s.write(ctx, r, remark, text, "remark.requester", "", s.deskMails(r, p, deciders, p.ID))
}

// RemarkAtDesk writes a remark of somebody who may decide; a private one only those see who may as
// well. It needs a MEDIUM sign-in of whatever age: ErrLevel. Nobody writes at the desk about
// their own request: ErrOwn, ErrOwnAbsent. Others as Remark.
func (s *Service) RemarkAtDesk(ctx context.Context, by, requester person.Person, id, remarkID, text string, private bool, st Strength, acr string) (Request, error) {
	r, seats, err := s.atDesk(ctx, by, id)
	if err != nil {
		return r, err
	}
	if requester.ID != r.PersonID {
		return r, ErrUnknown
	}
	if by.ID == r.PersonID {
		return r, ErrOwn
	}
	if _, err := seatFor(r, seats, by.ID, nil); err != nil {
		return r, err
	}
	if !st.Medium {
		return r, ErrLevel
	}
	remark := Remark{ID: remarkID, Side: Coordinator, ByID: by.ID, Private: private}
	if !private {
		return r, s.write(ctx, r, remark, text, "remark.desk", acr, []RemarkMail{{requester.ID, notify.RemarkPerson(requester, r.Network, s.link(r))}})
	}
	deciders, err := s.Store.CoordinatorsOf(ctx, r.Network, s.Now())
	if err != nil {
		return r, err
	}
	return r, s.write(ctx, r, remark, text, "remark.private", acr, s.deskMails(r, requester, deciders, by.ID))
}

// deskMails tells everybody who may decide but the writer and the requester.
func (s *Service) deskMails(r Request, requester person.Person, deciders []person.Person, writer string) (out []RemarkMail) {
	for _, c := range deciders {
		if c.ID != writer && c.ID != r.PersonID {
			out = append(out, RemarkMail{c.ID, notify.RemarkDesk(c, requester, r.Network, s.BaseURL+"/desk/"+r.ID)})
		}
	}
	return out
}

func (s *Service) write(ctx context.Context, r Request, remark Remark, text, action, acr string, mails []RemarkMail) (err error) {
	if !ident.IsID(remark.ID) {
		return ErrInvalid.WithField("remark", "request.remark.needed")
	}
	if remark.Text, err = checkRemark(text); err != nil {
		return err
	}
	remark.RequestID, remark.Kind, remark.At = r.ID, PlainRemark, s.Now()
	if !r.Talks(remark.At) {
		return ErrSilent
	}
	return s.Store.AddRemark(ctx, r.PersonID, remark, s.event(remark.ByID, r, action, acr), mails)
}

// Conversation gives the parts of a request's conversation that its requester sees.
func (s *Service) Conversation(ctx context.Context, p person.Person, r Request) ([]Remark, error) {
	if r.PersonID != p.ID {
		return nil, ErrUnknown
	}
	return s.Store.Remarks(ctx, r.ID, false)
}

// DeskConversation gives those that somebody at the desk sees, and whether that is all of them.
func (s *Service) DeskConversation(ctx context.Context, by person.Person, r Request) ([]Remark, bool, error) {
	seats, err := s.Store.Seats(ctx, by.ID, s.Now())
	if err != nil {
		return nil, false, err
	}
	if !covers(networksOf(seats), r.Network) {
		return nil, false, ErrUnknown
	}
	confided := r.Confides(by.ID, seats)
	list, err := s.Store.Remarks(ctx, r.ID, confided)
	return list, confided, err
}

// asked is the part of the conversation that a question or an answer is.
func (s *Service) asked(r Request, by string, side Who, kind RemarkKind, text string, at time.Time) *Remark {
	return &Remark{ID: ident.NewID(s.Random), RequestID: r.ID, ByID: by, Side: side, Kind: kind, Text: text, At: at}
}
