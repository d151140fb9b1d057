package phone

import (
	"context"
	"errors"
)

// Claim is what a phone sends to be initialised: the scanned code, its new key, the PIN.
// That it holds the private key is shown by the signature on the message, which the edge
// has checked with this very key.
type Claim struct {
	ID, Secret string
	Key        Key
	PIN        string
	System     string // what the app says about itself
}

// Enrol turns a waiting enrolment into a device. Of any number of phones one wins. A phone
// that repeats itself because the answer was lost gets its device again.
//
// Errors: ErrCodeUnknown, ErrCodeUsed, ErrCodeDead, ErrPINWrong with the tries left,
// fault.Unavailable (then nothing was decided, and the same code can be sent again).
func (s *Service) Enrol(ctx context.Context, c Claim) (Device, error) {
	e, err := s.reserveClaim(ctx, c)
	if err != nil {
		return Device{}, err
	}
	if e.Done {
		return s.store.Device(ctx, e.ID)
	}
	right, err := s.hash.Verify(ctx, e.PINHash, c.PIN)
	if err != nil {
		return Device{}, errors.Join(err, s.refundClaim(ctx, e.ID))
	}
	if e, err = s.settleClaim(ctx, c, right); err != nil {
		return Device{}, err
	}
	d, err := s.activate(ctx, e, c)
	if err != nil {
		return Device{}, err
	}
	_, err = s.changeEnrolment(ctx, e.ID, e.ExpiresAt.Sub(s.now()), func(e *Enrolment) error {
		e.Done, e.PINHash = true, ""
		return nil
	})
	if errors.Is(err, ErrCodeUnknown) { // it expired this very moment; the device is there
		err = nil
	}
	return d, err
}

// reserveClaim checks the code and takes one try before the PIN is looked at, so that
// parallel guesses count like guesses in a row.
func (s *Service) reserveClaim(ctx context.Context, c Claim) (Enrolment, error) {
	now := s.now()
	current, err := s.enrolment(ctx, c.ID)
	if err != nil {
		return Enrolment{}, err
	}
	return s.changeEnrolment(ctx, c.ID, current.ExpiresAt.Sub(now), func(e *Enrolment) error {
		if !e.Opens(c.Secret) {
			return ErrCodeUnknown
		}
		mine := e.ClaimedBy == c.Key.Thumbprint()
		if e.ClaimedBy != "" && !mine {
			return ErrCodeUsed
		}
		if e.Done {
			return nil
		}
		if err := s.open(*e); err != nil {
			return err
		}
		if e.Tries >= EnrolPINs {
			return ErrCodeDead
		}
		e.Tries++
		return nil
	})
}

// settleClaim notes the verdict on the PIN; a right one ties the enrolment to this key.
func (s *Service) settleClaim(ctx context.Context, c Claim, right bool) (Enrolment, error) {
	current, err := s.enrolment(ctx, c.ID)
	if err != nil {
		return Enrolment{}, err
	}
	e, err := s.changeEnrolment(ctx, c.ID, current.ExpiresAt.Sub(s.now()), func(e *Enrolment) error {
		if !e.Opens(c.Secret) { // replaced meanwhile
			return ErrCodeUnknown
		}
		if !right {
			e.Wrong++
			return nil
		}
		if e.ClaimedBy != "" && e.ClaimedBy != c.Key.Thumbprint() {
			return ErrCodeUsed
		}
		e.ClaimedBy = c.Key.Thumbprint()
		return nil
	})
	switch {
	case err != nil:
		return Enrolment{}, err
	case !right && e.Dead():
		return Enrolment{}, ErrCodeDead
	case !right:
		return Enrolment{}, ErrPINWrong.WithArgs(EnrolPINs - e.Wrong)
	}
	return e, nil
}

func (s *Service) refundClaim(ctx context.Context, id string) error {
	current, err := s.enrolment(ctx, id)
	if err != nil {
		return err
	}
	_, err = s.changeEnrolment(ctx, id, current.ExpiresAt.Sub(s.now()), func(e *Enrolment) error {
		e.Tries = max(e.Tries-1, 0)
		return nil
	})
	return err
}

// activate writes device, audit event and notice in one transaction. A device of this id
// with this very key is the outcome of an earlier try whose answer got lost.
func (s *Service) activate(ctx context.Context, e Enrolment, c Claim) (Device, error) {
	d := Device{
		ID: e.ID, Account: e.Account, Name: e.Name, Number: e.Number, System: cleanSystem(c.System),
		Key: c.Key, PINHash: e.PINHash, Status: Active, AddedAt: s.now(),
	}
	var err error
	if d.Offline, err = s.agree(d, c.PIN); err != nil {
		return Device{}, err
	}
	rec, err := s.added(ctx, d)
	if err != nil {
		return Device{}, err
	}
	err = s.store.Activate(ctx, d, rec)
	if !errors.Is(err, ErrDeviceExists) {
		return d, err
	}
	there, gerr := s.store.Device(ctx, d.ID)
	if gerr != nil || there.Key.Thumbprint() != c.Key.Thumbprint() {
		return Device{}, err
	}
	return there, nil
}
