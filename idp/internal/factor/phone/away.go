package phone

import (
	"cmp"
	"context"
	"errors"
	"time"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// ErrAsked says that another service is asking this person right now; it carries when that ends at
// the latest.
var ErrAsked = fault.New(fault.TooMany, "phone.asked")

// Away is what a service tells that asks without a browser (OpenID Connect CIBA).
type Away struct {
	Number string        // two digits that the service shows or tells
	Life   time.Duration // how long the phone takes an answer, at most PushFor
	Word   *Word         // what the service is told when the person answered; nil: it asks by itself
}

// nowhere stands for browser and address of a request that was made without a browser.
const nowhere = "-"

// turnKey names the one open request of a sign-in; of those without a browser, the one of a person,
// who cannot tell by a page which of several callers asks.
func turnKey(p Push) string {
	flow := p.Flow
	if p.Away {
		flow = "away"
	}
	return "pushflow:" + ident.Digest(string(p.Account)+" "+flow)
}

// turn finds out whether a request may become the open one now: ErrAsked while another service's is
// open.
func (s *Service) turn(ctx context.Context, p Push) error {
	current, err := kv.GetJSON[string](ctx, s.kv, turnKey(p))
	if errors.Is(err, kv.ErrNotFound) {
		return nil
	}
	return cmp.Or(err, s.bars(ctx, current, p))
}

// takeTurn makes a request the open one. Of services that ask at once one gets the turn.
func (s *Service) takeTurn(ctx context.Context, p Push) error {
	_, err := kv.Update(ctx, s.kv, turnKey(p), pushKept, func(current *string) error {
		if err := s.bars(ctx, *current, p); err != nil {
			return err
		}
		*current = p.ID
		return nil
	})
	return err
}

// bars is the error, if any, with which the request that is open stands in the way of another. Only
// services that ask without a browser wait for one another; everybody replaces what they asked before.
func (s *Service) bars(ctx context.Context, open string, p Push) error {
	if !p.Away || open == "" {
		return nil
	}
	other, err := s.push(ctx, open)
	switch {
	case errors.Is(err, ErrRequestUnknown):
		return nil
	case err == nil && other.State == Pending && other.Flow != p.Flow:
		return ErrAsked.After(other.ExpiresAt.Sub(s.now()))
	}
	return err
}
