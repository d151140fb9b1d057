package phone

import (
	"context"
	"errors"
	"time"

	"eulogin.example/proto/kit/kv"
)

// clockSlack is how far the time in a statement may be from the server's.
const clockSlack = 2 * time.Minute

// Answer takes a phone's decision; d is the device whose signature the edge has checked on
// the whole message. Each request is decided at most once.
//
// Approving asks for the PIN first: ErrPINWrong with the tries left, ErrDeviceDisabled
// after the tenth; or for biometrics: ErrBiometricsWrong, ErrBiometricsOff. Then for the number: ErrNumberWrong with the tries left, ErrRequestDead
// after the third. Other errors: ErrAnswer, ErrStatement, ErrRequestUnknown (also for
// another account's request), ErrRequestExpired, ErrRequestDecided, fault.Unavailable.
func (s *Service) Answer(ctx context.Context, d Device, a Answer) error {
	if !a.wellFormed() {
		return ErrAnswer
	}
	p, err := s.push(ctx, a.RequestID)
	if err != nil {
		return err
	}
	if p.Account != d.Account {
		return ErrRequestUnknown
	}
	statement := Statement(s.issuer, d.ID, p.shown(), a)
	if gap := s.now().Sub(a.At); gap > clockSlack || gap < -clockSlack || !d.Key.Verify(statement, a.Signature) {
		return ErrStatement
	}
	if p.State == Denied && p.DeviceID == d.ID && a.Decision == NotMe && p.Decision == NotMe && !p.Reported {
		return s.report(ctx, d, p) // the first try denied it and could not be put on record
	}
	if err := p.undecided(); err != nil {
		return err
	}
	if err := s.unlock(ctx, d, a.Unlocked(), a.PIN, statement, a.Assertion); err != nil {
		return err
	}
	at := s.now()
	if err := s.answered(ctx, d, p.Word.of(p.ID, at), at, statement, a.Signature); err != nil {
		return err
	}
	p, err = s.decide(ctx, d, a, at)
	if err != nil {
		return err
	}
	if a.Decision == NotMe {
		return s.report(ctx, d, p)
	}
	return nil
}

// shown is what a phone was told of the request, and has to have signed.
func (p Push) shown() Shown {
	return Shown{ID: p.ID, Client: p.Client, Browser: p.Browser, Address: p.Address, CreatedAt: p.CreatedAt}
}

// undecided says why a request cannot be answered any more.
func (p Push) undecided() error {
	switch {
	case p.State == Pending:
		return nil
	case p.Wrong >= NumberTries:
		return ErrRequestDead
	case p.State == Expired:
		return ErrRequestExpired
	}
	return ErrRequestDecided
}

// decide changes the request, once, by compare-and-swap. The time is that of the answer's record, by
// which its word is known from those of answers that decided nothing.
func (s *Service) decide(ctx context.Context, d Device, a Answer, at time.Time) (Push, error) {
	p, err := kv.Update(ctx, s.kv, pushKey(a.RequestID), pushKept, func(p *Push) error {
		if p.ID == "" {
			return ErrRequestUnknown
		}
		if p.State == Pending && !at.Before(p.ExpiresAt) {
			return ErrRequestExpired
		}
		if err := p.undecided(); err != nil {
			return err
		}
		switch {
		case a.Decision == Approve && a.Number != p.Number:
			if p.Wrong++; p.Wrong >= NumberTries {
				p.State, p.DecidedAt = Expired, at
			}
			return nil
		case a.Decision == Approve:
			p.State = Approved
		default:
			p.State = Denied
		}
		p.DeviceID, p.Decision, p.Unlocked, p.DecidedAt = d.ID, a.Decision, a.Unlocked(), at
		return nil
	})
	switch {
	case err != nil:
		return Push{}, err
	case p.State == Expired:
		return Push{}, ErrRequestDead
	case p.State == Pending:
		return Push{}, ErrNumberWrong.WithArgs(NumberTries - p.Wrong)
	}
	return p, nil
}

// report ends requests for a while, puts "this was not me" on record and tells the person by
// mail what to do.
func (s *Service) report(ctx context.Context, d Device, p Push) error {
	if err := s.silence(ctx, d.Account); err != nil {
		return err
	}
	person, err := s.people.Person(ctx, d.Account)
	if err != nil {
		return err
	}
	if err := s.store.Note(ctx, s.notMe(d, p, person)); err != nil {
		return err
	}
	_, err = kv.Update(ctx, s.kv, pushKey(p.ID), pushKept, func(p *Push) error {
		if p.ID == "" { // gone meanwhile, and nobody asks for it again
			return ErrRequestUnknown
		}
		p.Reported = true
		return nil
	})
	if errors.Is(err, ErrRequestUnknown) {
		return nil
	}
	return err
}

// unlock checks what stands for the person.
func (s *Service) unlock(ctx context.Context, d Device, by Unlock, pin string, statement, assertion []byte) error {
	switch by {
	case ByPIN:
		return s.checkPIN(ctx, d, pin)
	case ByBiometrics:
		return s.checkBiometrics(ctx, d, statement, assertion)
	}
	return nil
}

// checkPIN counts a try before it looks at the PIN, so that parallel guesses count like
// guesses in a row; the tenth wrong one disables the device.
func (s *Service) checkPIN(ctx context.Context, d Device, pin string) error {
	count, err := s.store.ReservePIN(ctx, d.ID, PINTries)
	if err != nil {
		return err
	}
	if count == 0 {
		return s.disable(ctx, d)
	}
	right, err := s.hash.Verify(ctx, d.PINHash, pin)
	if err != nil {
		return firstOf(s.store.SettlePIN(ctx, d.ID, false, s.now()), err)
	}
	switch {
	case right:
		return s.store.SettlePIN(ctx, d.ID, true, s.now())
	case count >= PINTries:
		return s.disable(ctx, d)
	}
	return ErrPINWrong.WithArgs(PINTries - count)
}

// disable turns the device off, tells its owner once, and always gives ErrDeviceDisabled.
func (s *Service) disable(ctx context.Context, d Device) error {
	person, err := s.people.Person(ctx, d.Account)
	if err != nil {
		return err
	}
	if _, err := s.store.Disable(ctx, d.ID, s.disabled(d, person)); err != nil {
		return err
	}
	return ErrDeviceDisabled
}
