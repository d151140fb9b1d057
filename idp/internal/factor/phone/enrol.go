package phone

import (
	"context"
	"errors"
	"slices"
	"time"

	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// An enrolment code lives ten minutes and admits five PINs (NIST SP 800-63B-4 binding codes).
const (
	EnrolFor  = 10 * time.Minute
	EnrolPINs = 5
)

// Enrolment is a device that waits for its phone. The secret itself is on the computer's
// screen only. The id becomes the device's id, which makes a repeated activation harmless.
type Enrolment struct {
	ID           string          `json:"id"`
	Account      ident.AccountID `json:"account"`
	Name         string          `json:"name"`
	Number       string          `json:"number,omitempty"`
	SecretDigest string          `json:"secret"`
	PINHash      string          `json:"pin,omitempty"`
	Tries        int             `json:"tries,omitempty"` // PINs taken in, judged or not
	Wrong        int             `json:"wrong,omitempty"` // PINs judged wrong
	ClaimedBy    string          `json:"claimed,omitempty"`
	Done         bool            `json:"done,omitempty"`
	CreatedAt    time.Time       `json:"created"`
	ExpiresAt    time.Time       `json:"expires"`
}

// Dead reports whether too many wrong PINs have ended the enrolment.
func (e Enrolment) Dead() bool { return e.Wrong >= EnrolPINs }

// NewDevice is the form of "Add a mobile device".
type NewDevice struct {
	Name, Number, PIN, Again string
}

// Begin opens an enrolment and gives the secret of its code, which is shown once and never
// stored. Number is one that the caller has checked, or "". Errors: ErrForm with fields,
// ErrTooManyDevices, fault.Unavailable.
func (s *Service) Begin(ctx context.Context, account ident.AccountID, in NewDevice) (Enrolment, string, error) {
	name := factor.CleanName(in.Name)
	form := checkPINs(ErrForm, in.PIN, in.Again)
	if name == "" {
		form = form.WithField("name", "devices.name.shape", MaxName)
	}
	devices, waiting, err := s.Devices(ctx, account)
	if err != nil {
		return Enrolment{}, "", err
	}
	if name != "" && taken(name, devices, waiting) {
		form = form.WithField("name", "devices.name.taken")
	}
	if err := form.Or(); err != nil {
		return Enrolment{}, "", err
	}
	if len(devices)+len(waiting) >= MaxDevices {
		return Enrolment{}, "", ErrTooManyDevices.WithArgs(MaxDevices)
	}
	hash, err := s.hash.Hash(ctx, in.PIN)
	if err != nil {
		return Enrolment{}, "", err
	}
	now, secret := s.now(), ident.NewID(s.rand)
	e := Enrolment{
		ID: ident.NewID(s.rand), Account: account, Name: name, Number: in.Number,
		SecretDigest: ident.Digest(secret), PINHash: hash, CreatedAt: now, ExpiresAt: now.Add(EnrolFor),
	}
	if err := kv.PutJSON(ctx, s.kv, enrolKey(e.ID), e, EnrolFor); err != nil {
		return Enrolment{}, "", err
	}
	return e, secret, s.listEnrolment(ctx, account, e.ID)
}

// Reissue gives a waiting enrolment a new secret and ten new minutes; the old code is dead
// at once. Wrong PINs stay counted. Errors: ErrCodeUnknown, ErrCodeUsed, ErrCodeDead.
func (s *Service) Reissue(ctx context.Context, account ident.AccountID, id string) (Enrolment, string, error) {
	secret := ident.NewID(s.rand)
	e, err := s.changeEnrolment(ctx, id, EnrolFor, func(e *Enrolment) error {
		if err := s.open(*e); err != nil || e.Account != account {
			return firstOf(err, ErrCodeUnknown)
		}
		if e.ClaimedBy != "" {
			return ErrCodeUsed
		}
		e.SecretDigest, e.ExpiresAt = ident.Digest(secret), s.now().Add(EnrolFor)
		return nil
	})
	if err != nil {
		return Enrolment{}, "", err
	}
	return e, secret, s.listEnrolment(ctx, account, id)
}

// Enrolment gives an account's enrolment as it stands: waiting, dead or done.
// ErrCodeUnknown when it is not there (any more) or is another account's.
func (s *Service) Enrolment(ctx context.Context, account ident.AccountID, id string) (Enrolment, error) {
	e, err := s.enrolment(ctx, id)
	if err == nil && e.Account != account {
		err = ErrCodeUnknown
	}
	if err != nil {
		return Enrolment{}, err
	}
	return e, nil
}

// Discard forgets a waiting enrolment; its code is dead.
func (s *Service) Discard(ctx context.Context, account ident.AccountID, id string) error {
	if _, err := s.Enrolment(ctx, account, id); err != nil {
		return err
	}
	return s.kv.Drop(ctx, enrolKey(id))
}

// enrolment reads a living enrolment.
func (s *Service) enrolment(ctx context.Context, id string) (Enrolment, error) {
	if !IsID(id) {
		return Enrolment{}, ErrCodeUnknown
	}
	e, err := kv.GetJSON[Enrolment](ctx, s.kv, enrolKey(id))
	if err != nil {
		return Enrolment{}, unknownCode(err)
	}
	if !s.now().Before(e.ExpiresAt) {
		return Enrolment{}, ErrCodeUnknown
	}
	return e, nil
}

// open says whether an enrolment can still be used.
func (s *Service) open(e Enrolment) error {
	switch {
	case !s.now().Before(e.ExpiresAt):
		return ErrCodeUnknown
	case e.Done:
		return ErrCodeUsed
	case e.Dead():
		return ErrCodeDead
	}
	return nil
}

// changeEnrolment changes an enrolment that is there by compare-and-swap.
func (s *Service) changeEnrolment(ctx context.Context, id string, ttl time.Duration, change func(*Enrolment) error) (Enrolment, error) {
	if !IsID(id) {
		return Enrolment{}, ErrCodeUnknown
	}
	return kv.Update(ctx, s.kv, enrolKey(id), ttl, func(e *Enrolment) error {
		if e.ID == "" {
			return ErrCodeUnknown
		}
		return change(e)
	})
}

// listEnrolment adds an id to the account's list of waiting enrolments, which only saves a
// search: what it names may be gone.
func (s *Service) listEnrolment(ctx context.Context, account ident.AccountID, id string) error {
	return s.addToList(ctx, "enrols:"+string(account), id, EnrolFor)
}

// waiting gives an account's enrolments that no phone has finished, oldest first.
func (s *Service) waiting(ctx context.Context, account ident.AccountID) ([]Enrolment, error) {
	ids, err := s.list(ctx, "enrols:"+string(account))
	if err != nil {
		return nil, err
	}
	var out []Enrolment
	for _, id := range ids {
		e, err := s.enrolment(ctx, id)
		if errors.Is(err, ErrCodeUnknown) || err == nil && e.Done {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

func taken(name string, devices []Device, waiting []Enrolment) bool {
	return slices.ContainsFunc(devices, func(d Device) bool { return d.Name == name }) ||
		slices.ContainsFunc(waiting, func(e Enrolment) bool { return e.Name == name })
}

func enrolKey(id string) string { return "enrol:" + id }

func unknownCode(err error) error {
	if fault.KindOf(err) == fault.NotFound {
		return ErrCodeUnknown
	}
	return err
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Opens reports whether this is the secret of the newest code.
func (e Enrolment) Opens(secret string) bool {
	return secret != "" && ident.Same(ident.Digest(secret), e.SecretDigest)
}
