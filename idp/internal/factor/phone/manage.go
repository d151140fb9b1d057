package phone

import (
	"context"
	"errors"
	"slices"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
)

// Devices lists an account's initialised devices and those that wait for their phone, each
// oldest first.
func (s *Service) Devices(ctx context.Context, account ident.AccountID) ([]Device, []Enrolment, error) {
	devices, err := s.store.Devices(ctx, account)
	if err != nil {
		return nil, nil, err
	}
	waiting, err := s.waiting(ctx, account)
	if err != nil {
		return nil, nil, err
	}
	// Between the transaction and the end of Enrol a device is in both places.
	waiting = slices.DeleteFunc(waiting, func(e Enrolment) bool {
		return slices.ContainsFunc(devices, func(d Device) bool { return d.ID == e.ID })
	})
	return devices, waiting, nil
}

// Enrolled reports whether an account has an active device; "" stands for an unknown
// account and has none.
func (s *Service) Enrolled(ctx context.Context, account ident.AccountID) (bool, error) {
	devices, err := s.store.Devices(ctx, account)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(devices, func(d Device) bool { return d.Status == Active }), nil
}

// Unlocks lists how an account's active phones can be unlocked; none: it has no such phone.
func (s *Service) Unlocks(ctx context.Context, account ident.AccountID) ([]Unlock, error) {
	devices, err := s.store.Devices(ctx, account)
	var out []Unlock
	for _, d := range devices {
		if d.Status == Active {
			out = append(out, ByPIN)
			if d.Bio.On() {
				out = append(out, ByBiometrics)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out), err
}

// Device gives one device of an account; ErrDeviceUnknown for another account's too.
func (s *Service) Device(ctx context.Context, account ident.AccountID, id string) (Device, error) {
	d, err := s.ByID(ctx, id)
	if err == nil && d.Account != account {
		err = ErrDeviceUnknown
	}
	if err != nil {
		return Device{}, err
	}
	return d, nil
}

// ByID gives the device that a phone says it is; the edge then checks its signature.
func (s *Service) ByID(ctx context.Context, id string) (Device, error) {
	if !IsID(id) {
		return Device{}, ErrDeviceUnknown
	}
	return s.store.Device(ctx, id)
}

// Owner gives the person that a device belongs to.
func (s *Service) Owner(ctx context.Context, d Device) (notify.Person, error) {
	return s.people.Person(ctx, d.Account)
}

// Remove takes a device away, or a waiting one, at its owner's wish and mails a notice. bares is
// that of factor.Record.
func (s *Service) Remove(ctx context.Context, account ident.AccountID, id string, bares bool) error {
	d, err := s.Device(ctx, account, id)
	if errors.Is(err, ErrDeviceUnknown) {
		if derr := s.Discard(ctx, account, id); !errors.Is(derr, ErrCodeUnknown) {
			return derr
		}
	}
	if err != nil {
		return err
	}
	rec, err := s.removed(ctx, d, "account page")
	if err != nil {
		return err
	}
	rec.Bares = bares
	return s.store.Remove(ctx, account, id, rec)
}

// Unlink deletes a device at the wish of the phone itself.
func (s *Service) Unlink(ctx context.Context, d Device) error {
	rec, err := s.removed(ctx, d, "app")
	if err != nil {
		return err
	}
	return s.store.Remove(ctx, d.Account, d.ID, rec)
}
