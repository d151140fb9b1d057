package access

import (
	"context"
	"strings"
	"time"

	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/notify"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/plain"
	"eulogin.example/cpms/internal/signoff"
	"eulogin.example/proto/kit/fault"
)

// ErrNoGrant says that there is no such access, or none that can still be ended.
var ErrNoGrant = fault.New(fault.Conflict, "grant.over")

// MayRevoke holds taking a grant back against all rules, and gives the seat that it is done
// from. It is pure. r is the request that the grant came from.
func MayRevoke(r Request, g Grant, reason, by string, seats []Seat, s Strength, now time.Time) (Seat, error) {
	if by == r.PersonID {
		return Seat{}, ErrOwn // one's own is given back, without the desk
	}
	seat, err := seatFor(r, seats, by, nil)
	if err != nil {
		return Seat{}, err
	}
	if !s.Enough(now) {
		return Seat{}, ErrLevel
	}
	if reason == "" {
		return Seat{}, ErrInvalid.WithField("reason", "revoke.reason.needed")
	}
	if !plain.Text(reason, TextMax) {
		return Seat{}, ErrInvalid.WithField("reason", "request.too_long", TextMax)
	}
	if _, ok := NextGrant(g.Status(now), Coordinator, Revoke); !ok {
		return Seat{}, ErrNoGrant
	}
	return seat, nil
}

// GrantFrom gives the grant that a request led to, or nil.
func (s *Service) GrantFrom(ctx context.Context, r Request) (*Grant, error) {
	if r.State != Approved {
		return nil, nil
	}
	grants, err := s.Store.GrantsOf(ctx, r.PersonID)
	for _, g := range grants {
		if g.RequestID == r.ID {
			return &g, err
		}
	}
	return nil, err
}

// Revoke takes back the access that a request led to, over the version that was looked at: all
// the person's grants for that network and role. It leaves a signed receipt; the person gets a
// mail with the reason, and is signed out here and at idp. Errors: those of MayRevoke,
// ErrUnknown, ErrChanged.
func (s *Service) Revoke(ctx context.Context, by person.Person, id string, version int64, reason string, st Strength, acr string) error {
	r, seats, err := s.atDesk(ctx, by, id)
	if err != nil {
		return err
	}
	g, err := s.GrantFrom(ctx, r)
	if err != nil {
		return err
	}
	if g == nil {
		return ErrNoGrant
	}
	reason = strings.TrimSpace(reason)
	seat, err := MayRevoke(r, *g, reason, by.ID, seats, st, s.Now())
	if err != nil {
		return err
	}
	if r.Version != version {
		return ErrChanged
	}
	holder, err := s.Store.PersonByID(ctx, r.PersonID)
	if err != nil {
		return err
	}
	c := s.ended(r, *g, by.ID, reason, signoff.Message{Issuer: holder.Issuer, Subject: holder.Subject, Reason: signoff.AccessRevoked}, acr)
	if seat.For != "" {
		c.Events[0].Detail["for"] = seat.For
	}
	if holder.Status != person.Erased {
		c.Mails = []notify.Mail{notify.Revoked(holder, r.Network, reason, s.BaseURL+"/screen/home")}
	}
	if c.Proof, err = s.proof(r, string(Revoke), by.ID, seat.For, st, acr); err != nil {
		return err
	}
	return s.Store.ApplyChange(ctx, c)
}

// OwnGrant gives somebody's own grant; ErrUnknown when it is not theirs.
func (s *Service) OwnGrant(ctx context.Context, p person.Person, id string) (Grant, error) {
	grants, err := s.Store.GrantsOf(ctx, p.ID)
	for _, g := range grants {
		if g.ID == id {
			return g, err
		}
	}
	if err == nil {
		err = ErrUnknown
	}
	return Grant{}, err
}

// GiveBack ends access at the holder's own wish, at once; the coordinators are told. No step-up:
// it takes power away and gives none. Errors: ErrUnknown, ErrNoGrant, ErrChanged.
func (s *Service) GiveBack(ctx context.Context, p person.Person, grantID, acr string) error {
	g, err := s.OwnGrant(ctx, p, grantID)
	if err != nil {
		return err
	}
	if _, ok := NextGrant(g.Status(s.Now()), Requester, GiveBack); !ok {
		return ErrNoGrant
	}
	r, err := s.byID(ctx, g.RequestID)
	if err != nil {
		return err
	}
	c := s.ended(r, g, p.ID, "", signoff.Message{Issuer: p.Issuer, Subject: p.Subject, Reason: signoff.AccessGivenBack}, acr)
	coordinators, err := s.Store.CoordinatorsOf(ctx, r.Network, s.Now())
	for _, to := range coordinators {
		if to.ID != p.ID {
			c.Mails = append(c.Mails, notify.GivenBack(to, p, r.Network, s.BaseURL+"/desk/"+r.ID))
		}
	}
	if err != nil {
		return err
	}
	return s.Store.ApplyChange(ctx, c)
}

// ended is the write that ends a grant before its time.
func (s *Service) ended(r Request, g Grant, by, reason string, out signoff.Message, acr string) Change {
	g.RevokedAt, g.RevokedBy, g.RevokedReason = s.Now(), by, reason
	c := Change{From: r.Version, Ended: &g, SignOff: []signoff.Message{out}}
	r.UpdatedAt, r.Version = s.Now(), r.Version+1
	c.Request = r
	c.Events = []audit.Event{s.event(by, r, "grant.revoked", acr)}
	if by == r.PersonID {
		c.Events[0].Action = "grant.given_back"
	}
	return c
}
