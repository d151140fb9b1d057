package grant

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// The limits of the device authorization grant (RFC 8628 §3.2).
const (
	DeviceLife     = 10 * time.Minute
	DeviceInterval = 5 * time.Second // between two polls; each that comes too early adds as much
)

// The answers to a poll that brings no tokens (RFC 8628 §3.5).
var (
	ErrPending  = fault.New(fault.Conflict, "grant.device_pending")
	ErrSlowDown = fault.New(fault.TooMany, "grant.device_slow_down")
	ErrDenied   = fault.New(fault.Denied, "grant.device_denied")
	// ErrExpired: the device code is unknown, used, or too old.
	ErrExpired = fault.New(fault.Gone, "grant.device_expired")
	// ErrUserCode: nobody waits with this user code.
	ErrUserCode = fault.New(fault.NotFound, "grant.device_user_code")
)

// Device is a request of something without a keyboard, which a person decides about elsewhere.
type Device struct {
	ID        string    `json:"id"` // digest of the device code
	Client    string    `json:"client"`
	Scopes    []string  `json:"scopes"`
	Resources []string  `json:"resources,omitempty"`
	Address   string    `json:"address"` // where it was asked
	AskedAt   time.Time `json:"asked_at"`
	Decided   bool      `json:"decided,omitempty"`
	Approval  *Approval `json:"approval,omitempty"` // nil when decided: denied
	Pace
}

// alphabet is that of RFC 8628 §6.1: no vowels, so that no words come up.
const alphabet = "BCDFGHJKLMNPQRSTVWXZ"

// AskDevice keeps a request and gives its device code, for the device, and its user code, for the
// person.
func (s *Service) AskDevice(ctx context.Context, d Device) (deviceCode, userCode string, err error) {
	deviceCode = ident.NewToken(s.Random)
	if userCode, err = newUserCode(s.Random); err != nil {
		return "", "", err
	}
	d.ID, d.AskedAt, d.Pace = ident.Digest(deviceCode), s.Now(), Pace{Interval: DeviceInterval}
	raw, err := json.Marshal(d.ID)
	if err != nil {
		return "", "", err
	}
	if err := s.KV.Swap(ctx, userCodeKey(userCode), nil, raw, DeviceLife); err != nil {
		return "", "", err // somebody waits with the same code: the device asks again
	}
	return deviceCode, userCode, kv.PutJSON(ctx, s.KV, deviceKey(d.ID), d, DeviceLife)
}

// newUserCode draws eight of twenty letters, in two groups: 34 bits, guarded by a limit on guesses
// (RFC 8628 §5.1).
func newUserCode(random io.Reader) (string, error) {
	var b strings.Builder
	one := make([]byte, 1)
	for b.Len() < 8 {
		if _, err := io.ReadFull(random, one); err != nil {
			return "", err
		}
		if int(one[0]) < 240 { // 12 times 20: no letter is likelier
			b.WriteByte(alphabet[int(one[0])%len(alphabet)])
		}
	}
	return b.String()[:4] + "-" + b.String()[4:], nil
}

// DeviceByUserCode finds the request that waits for a person's decision; case, blanks and hyphens
// do not matter. ErrUserCode when there is none.
func (s *Service) DeviceByUserCode(ctx context.Context, typed string) (Device, error) {
	id, err := kv.GetJSON[string](ctx, s.KV, userCodeKey(typed))
	if err != nil {
		return Device{}, absent(err, ErrUserCode)
	}
	return s.DeviceByID(ctx, id)
}

// DeviceByID finds a request that is not decided; ErrUserCode when there is none.
func (s *Service) DeviceByID(ctx context.Context, id string) (Device, error) {
	d, err := kv.GetJSON[Device](ctx, s.KV, deviceKey(id))
	if err == nil && (d.Decided || !s.Now().Before(d.AskedAt.Add(DeviceLife))) {
		err = ErrUserCode
	}
	return d, absent(err, ErrUserCode)
}

// DecideDevice notes the person's decision, once; nil denies. ErrUserCode when it is decided
// already, or too late.
func (s *Service) DecideDevice(ctx context.Context, id string, approval *Approval) error {
	_, err := kv.Update(ctx, s.KV, deviceKey(id), DeviceLife, func(d *Device) error {
		if d.ID == "" || d.Decided || !s.Now().Before(d.AskedAt.Add(DeviceLife)) {
			return ErrUserCode
		}
		d.Decided, d.Approval = true, approval
		return nil
	})
	return err
}

// PollDevice answers a device of a client: its approval, once, or the error that says why not yet
// or never. Another client's code is ErrExpired.
func (s *Service) PollDevice(ctx context.Context, deviceCode, client string) (Device, error) {
	if len(deviceCode) != 43 || !plain(deviceCode) {
		return Device{}, ErrExpired
	}
	key, early := deviceKey(ident.Digest(deviceCode)), false
	d, err := kv.Update(ctx, s.KV, key, DeviceLife, func(d *Device) error {
		now := s.Now()
		if d.ID == "" || d.Client != client || !now.Before(d.AskedAt.Add(DeviceLife)) {
			return ErrExpired
		}
		early = d.early(now)
		return nil
	})
	switch {
	case err != nil:
		return Device{}, err
	case early:
		return Device{}, ErrSlowDown
	case !d.Decided:
		return Device{}, ErrPending
	}
	if d, err = kv.TakeJSON[Device](ctx, s.KV, key); err != nil {
		return Device{}, absent(err, ErrExpired)
	}
	if d.Approval == nil {
		return Device{}, ErrDenied
	}
	return d, nil
}

// ReturnDevice puts an approved request back whose tokens could not be made because a store did
// not answer; nothing was given for it. It is put back also where the device did not wait.
func (s *Service) ReturnDevice(ctx context.Context, d Device) error {
	raw, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return s.KV.Swap(context.WithoutCancel(ctx), deviceKey(d.ID), nil, raw, DeviceLife)
}

func absent(err error, as *fault.Error) error {
	if err != nil && fault.KindOf(err) == fault.NotFound && !errors.Is(err, as) {
		return as.Because(err)
	}
	return err
}

func deviceKey(id string) string { return "devicegrant:" + id }

// userCodeKey reads a user code as people type it.
func userCodeKey(typed string) string {
	var b strings.Builder
	for _, r := range strings.ToUpper(typed) {
		if strings.ContainsRune(alphabet, r) && b.Len() < 9 {
			b.WriteRune(r)
		}
	}
	return "usercode:" + ident.Digest(b.String())
}
