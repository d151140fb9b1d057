package phone

import "context"

// ChangePIN gives a phone a new PIN against the old one, whose wrong tries count as in a
// sign-in, and with it a new key for offline codes: what was agreed for the old PIN is worth
// nothing any more. The owner is told. Of several at once one changes it.
//
// Errors: ErrAnswer, ErrPINWeak (before the old PIN is looked at), those about PINs,
// ErrPINChanged, fault.Unavailable.
func (s *Service) ChangePIN(ctx context.Context, d Device, old, fresh string) ([]byte, error) {
	if !isPIN(old) {
		return nil, ErrAnswer
	}
	if pinFault(fresh) != "" || fresh == old {
		return nil, ErrPINWeak
	}
	if err := s.checkPIN(ctx, d, old); err != nil {
		return nil, err
	}
	changed := d
	var err error
	if changed.PINHash, err = s.hash.Hash(ctx, fresh); err != nil {
		return nil, err
	}
	if changed.Offline, err = s.agree(changed, fresh); err != nil {
		return nil, err
	}
	person, err := s.people.Person(ctx, d.Account)
	if err != nil {
		return nil, err
	}
	if err := s.store.SetPIN(ctx, changed, d.PINHash, s.newPIN(d, person)); err != nil {
		return nil, err
	}
	return s.OfflineKey(changed)
}

// isPIN reports whether a text has the shape of a PIN.
func isPIN(s string) bool { return len(s) >= PINMin && len(s) <= PINMax && digits(s) }
