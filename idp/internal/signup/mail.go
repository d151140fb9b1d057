package signup

import (
	"context"
	"errors"
	"time"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/mailproof"
	"eulogin.example/proto/kit/fault"
)

// Waiting is what the page "check your mail" shows.
type Waiting struct {
	Email     string
	ExpiresAt time.Time // of link and code
	ResendIn  time.Duration
	TriesLeft int
}

// ResendAfter is the shortest time between two mails to one address (domain.md row 2); the
// limit's table enforces it, the page counts it down.
const ResendAfter = time.Minute

// Waiting gives the state of a registration to the browser that started it.
func (s *Service) Waiting(ctx context.Context, ticketID, browser string) (Waiting, error) {
	t, err := s.cfg.Tickets.Asked(ctx, Purpose, ticketID, browser)
	if err != nil {
		return Waiting{}, err
	}
	return Waiting{
		Email: t.Email, ExpiresAt: t.ExpiresAt,
		ResendIn:  max(0, t.SentAt.Add(ResendAfter).Sub(s.cfg.Now())),
		TriesLeft: mailproof.MaxTries - t.Tries,
	}, nil
}

// Resend sends a new mail from the page "check your mail". What was sent before no longer
// works.
func (s *Service) Resend(ctx context.Context, ticketID string, v Visitor) error {
	t, err := s.cfg.Tickets.Asked(ctx, Purpose, ticketID, v.Browser)
	if err != nil {
		return err
	}
	return s.again(ctx, t, v)
}

// ErrOtherEmail says that the address typed on a dead link's page is not the one that the
// link was sent to.
var ErrOtherEmail = fault.New(fault.Invalid, "signup.other_email").WithField("email", "join.error.other_email")

// Again sends a new mail from the page of an expired, used or replaced link, after the
// visitor typed the address once more, as the guide's mail promises. The ticket's id leads
// this browser to the page "check your mail".
func (s *Service) Again(ctx context.Context, token, typed string, v Visitor) (ticketID string, err error) {
	t, err := s.cfg.Tickets.Look(ctx, Purpose, token, v.Browser)
	if t.ID == "" {
		return "", err
	}
	key, err := ident.EmailKey(typed)
	if err != nil {
		return "", ErrOtherEmail.WithField("email", "join.error.email")
	}
	sentTo, err := ident.EmailKey(t.Email)
	if err != nil || key != sentTo {
		return "", ErrOtherEmail
	}
	if !t.DoneAt.IsZero() {
		return "", mailproof.ErrUsed // the account exists: sign in instead
	}
	return t.ID, s.again(ctx, t, v)
}

// again renews a ticket and sends what fits now: meanwhile the address may have got an
// account by another way.
func (s *Service) again(ctx context.Context, t mailproof.Ticket, v Visitor) error {
	r, err := decode(t.Data)
	if err != nil {
		return err
	}
	err = s.allow(ctx, r.Key, v)
	if err != nil {
		return err
	}
	known, err := s.owner(ctx, r.Key)
	if err != nil {
		return err
	}
	t, sec, err := s.cfg.Tickets.Renew(ctx, Purpose, t.ID, v.Browser, func(t *mailproof.Ticket) { t.Void = known != nil })
	if err != nil {
		return err
	}
	return s.send(ctx, t, sec, r, known)
}

// Look judges a link without using it up; see mailproof.Service.Look. done says, for a
// used link, that the account exists.
func (s *Service) Look(ctx context.Context, token, browser string) (done bool, err error) {
	t, err := s.cfg.Tickets.Look(ctx, Purpose, token, browser)
	return errors.Is(err, mailproof.ErrUsed) && !t.DoneAt.IsZero(), err
}

// Confirm uses the link up for this browser.
func (s *Service) Confirm(ctx context.Context, token, browser string) (ticketID string, err error) {
	t, err := s.cfg.Tickets.ProveByLink(ctx, Purpose, token, browser)
	return t.ID, err
}

// ConfirmCode uses the typed code up, in the browser that started the registration.
func (s *Service) ConfirmCode(ctx context.Context, ticketID, browser, typed string) error {
	_, err := s.cfg.Tickets.ProveByCode(ctx, Purpose, ticketID, browser, typed)
	return err
}
