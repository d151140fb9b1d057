package phone

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"eulogin.example/proto/kit/fault"
)

// PushTarget is where a push service wakes a phone's browser, and the keys for it
// (PushSubscription.toJSON of the Push API). Whoever has it can disturb the person: it is
// stored sealed.
type PushTarget struct {
	Endpoint string `json:"endpoint"`
	P256dh   string `json:"p256dh"`
	Auth     string `json:"auth"`
}

// Waker is the way to phones that are not open.
type Waker interface {
	// Key is what browsers subscribe with.
	Key() string
	// Check says whether a target is one that we call.
	Check(t PushTarget) error
}

// Wake is one phone that is to look at its requests, as it stands in the outbox.
type Wake struct {
	Device string    `json:"device"`
	Until  time.Time `json:"until"`
}

// WakeKind is the outbox kind of wakes.
const WakeKind = "webpush"

// Encode gives the outbox payload. It says nothing of the sign-in.
func (w Wake) Encode() []byte {
	b, err := json.Marshal(w)
	if err != nil {
		panic(err) // a text and a time always encode
	}
	return b
}

// ReadWake reads an outbox payload.
func ReadWake(payload []byte) (Wake, error) {
	var w Wake
	err := json.Unmarshal(payload, &w)
	if err == nil && !IsID(w.Device) {
		err = errors.New("phone: no wake")
	}
	return w, err
}

// WakeStore keeps where phones are woken, and queues wakes. Every method is one transaction.
type WakeStore interface {
	// SetTarget keeps an active device's sealed target, nil for none; when before is not nil,
	// only in its place. ErrDeviceUnknown when there was nothing to change.
	SetTarget(ctx context.Context, id string, target, before []byte) error
	// QueueWakes puts wakes into the outbox.
	QueueWakes(ctx context.Context, at time.Time, wakes []Wake) error
}

// Errors about waking.
var (
	ErrWakeOff    = fault.New(fault.Conflict, "phone.push_off")
	ErrWakeTarget = fault.New(fault.Invalid, "phone.push_invalid")
)

// WakeKey is what the app subscribes with, "" where the operator wakes nobody.
func (s *Service) WakeKey() string {
	if s.waker == nil {
		return ""
	}
	return s.waker.Key()
}

// Subscribe keeps where a phone is woken. Errors: ErrWakeOff, ErrWakeTarget.
func (s *Service) Subscribe(ctx context.Context, d Device, t PushTarget) error {
	if s.waker == nil {
		return ErrWakeOff
	}
	if err := s.waker.Check(t); err != nil {
		return ErrWakeTarget.Because(err)
	}
	raw, err := json.Marshal(t)
	if err != nil {
		return err
	}
	sealed, err := s.box.Seal(s.rand, raw, targetName(d.ID))
	if err != nil {
		return err
	}
	return s.store.SetTarget(ctx, d.ID, sealed, nil)
}

// Quiet forgets where a phone is woken, at its own wish.
func (s *Service) Quiet(ctx context.Context, d Device) error {
	return s.store.SetTarget(ctx, d.ID, nil, nil)
}

// PushTarget gives where a device is woken; false when it is gone, disabled or quiet.
func (s *Service) PushTarget(ctx context.Context, id string) (PushTarget, bool, error) {
	d, err := s.ByID(ctx, id)
	if errors.Is(err, ErrDeviceUnknown) {
		return PushTarget{}, false, nil
	}
	if err != nil || d.Status != Active || len(d.Target) == 0 {
		return PushTarget{}, false, err
	}
	t, err := s.target(d)
	return t, err == nil, err
}

// Unsubscribe forgets a target that a push service knows no more, unless there is another one.
func (s *Service) Unsubscribe(ctx context.Context, id string, gone PushTarget) error {
	d, err := s.ByID(ctx, id)
	if errors.Is(err, ErrDeviceUnknown) {
		return nil
	}
	if err != nil || len(d.Target) == 0 {
		return err
	}
	if t, err := s.target(d); err != nil || t != gone {
		return err
	}
	err = s.store.SetTarget(ctx, id, nil, d.Target)
	if errors.Is(err, ErrDeviceUnknown) { // it was renewed or removed this very moment
		return nil
	}
	return err
}

func (s *Service) target(d Device) (t PushTarget, err error) {
	raw, err := s.box.Open(d.Target, targetName(d.ID))
	if err != nil {
		return PushTarget{}, err
	}
	return t, json.Unmarshal(raw, &t)
}

// wake queues a word to every phone that can be woken. The open ones hear by themselves.
func (s *Service) wake(ctx context.Context, devices []Device, until time.Time) error {
	var wakes []Wake
	for _, d := range devices {
		if s.waker != nil && d.Status == Active && len(d.Target) > 0 {
			wakes = append(wakes, Wake{Device: d.ID, Until: until})
		}
	}
	if len(wakes) == 0 {
		return nil
	}
	return s.store.QueueWakes(ctx, s.now(), wakes)
}

func targetName(device string) string { return "phone push target " + device }
