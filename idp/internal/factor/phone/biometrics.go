package phone

import (
	"context"
	"errors"
	"io"
	"time"

	lib "github.com/go-webauthn/webauthn/webauthn"

	"eulogin.example/proto/kit/kv"
)

// Limits of biometrics in place of the PIN.
const (
	BioTries = 5               // wrong answers in a row, then the PIN is needed again
	BioFor   = 5 * time.Minute // how long switching on may take
	maxBio   = 6 << 10         // bytes of an authenticator's answer that are looked at
)

// BiometricsStore keeps the phones' own authenticators. Every method is one transaction.
type BiometricsStore interface {
	// SetBiometrics switches an active device's biometrics on or (with empty ones) off;
	// ErrDeviceUnknown when it is not active.
	SetBiometrics(ctx context.Context, id string, b Biometrics, rec Record) error
	// ReserveBiometrics counts one answer before it is looked at and gives the new count; 0
	// when they are off or have no try left.
	ReserveBiometrics(ctx context.Context, id string, max int) (int, error)
	// SettleBiometrics takes a right answer and sets the count to zero. It gives false when the
	// authenticator's counter has not gone on: then there are two of it.
	SettleBiometrics(ctx context.Context, id string, counter uint32, at time.Time) (bool, error)
}

// AskBiometrics begins to switch biometrics on, against the PIN, and gives what the phone's
// authenticator is asked. Errors: ErrAnswer, those about PINs.
func (s *Service) AskBiometrics(ctx context.Context, d Device, pin string) ([]byte, error) {
	if !isPIN(pin) {
		return nil, ErrAnswer
	}
	if err := s.checkPIN(ctx, d, pin); err != nil {
		return nil, err
	}
	person, err := s.people.Person(ctx, d.Account)
	if err != nil {
		return nil, err
	}
	challenge := make([]byte, 32)
	if _, err := io.ReadFull(s.rand, challenge); err != nil {
		return nil, err
	}
	options, session, err := s.bio.ask(owner{d, person.Email}, challenge)
	if err != nil {
		return nil, err
	}
	return options, kv.PutJSON(ctx, s.kv, bioKey(d), session, BioFor)
}

// SetBiometrics takes the authenticator's answer, once; the owner is told. Errors:
// ErrBiometricsWrong, ErrBiometricsOff when nothing was asked or five minutes are over.
func (s *Service) SetBiometrics(ctx context.Context, d Device, answer []byte) error {
	if len(answer) > maxBio {
		return ErrBiometricsWrong
	}
	session, err := kv.TakeJSON[lib.SessionData](ctx, s.kv, bioKey(d))
	if errors.Is(err, kv.ErrNotFound) {
		return ErrBiometricsOff.Because(err)
	}
	if err != nil {
		return err
	}
	person, err := s.people.Person(ctx, d.Account)
	if err != nil {
		return err
	}
	b, err := s.bio.made(owner{d, person.Email}, session, answer)
	if err != nil {
		return ErrBiometricsWrong.Because(err)
	}
	return s.store.SetBiometrics(ctx, d.ID, b, s.biometricsOn(d, person))
}

// DropBiometrics switches biometrics off, against the PIN. Errors: ErrAnswer, those about PINs.
func (s *Service) DropBiometrics(ctx context.Context, d Device, pin string) error {
	if !isPIN(pin) {
		return ErrAnswer
	}
	if err := s.checkPIN(ctx, d, pin); err != nil {
		return err
	}
	if !d.Bio.On() {
		return nil
	}
	return s.noBiometrics(ctx, d, "app")
}

func (s *Service) noBiometrics(ctx context.Context, d Device, why string) error {
	person, err := s.people.Person(ctx, d.Account)
	if err != nil {
		return err
	}
	return s.store.SetBiometrics(ctx, d.ID, Biometrics{}, s.biometricsOff(d, person, why))
}

// checkBiometrics counts an answer before it looks at it; the fifth wrong one in a row
// switches biometrics off, and so does an authenticator of which there are two.
func (s *Service) checkBiometrics(ctx context.Context, d Device, statement, answer []byte) error {
	if !d.Bio.On() {
		return ErrBiometricsOff
	}
	count, err := s.store.ReserveBiometrics(ctx, d.ID, BioTries)
	if err != nil {
		return err
	}
	if count == 0 {
		return ErrBiometricsOff
	}
	counter, wrong := s.bio.shown(owner{device: d}, statement, answer)
	if wrong == nil {
		ok, err := s.store.SettleBiometrics(ctx, d.ID, counter, s.now())
		if ok || err != nil {
			return err
		}
		count = BioTries
	}
	if count < BioTries {
		return ErrBiometricsWrong.WithArgs(BioTries - count).Because(wrong)
	}
	if err := s.noBiometrics(ctx, d, "wrong answers"); err != nil {
		return err
	}
	return ErrBiometricsOff.Because(wrong)
}

func bioKey(d Device) string { return "phonebio:" + d.ID }
