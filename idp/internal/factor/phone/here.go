package phone

import (
	"context"
	"time"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// HereFor is how long the app on the same phone may take; readable a little longer.
const (
	HereFor  = 5 * time.Minute
	hereKept = HereFor + time.Minute
)

// LimitHere counts on-mobile requests of a sign-in, in the table of package limit.
const LimitHere = "here.login"

// Here is a sign-in that asks the app on the same phone. Account is "" while nobody is named.
//
// The app's word alone signs nobody in: it gets a code for it that has to come back through
// the browser that began, with that browser's cookie (RFC 10027, security case 33).
type Here struct {
	ID          string          `json:"id"`
	Flow        string          `json:"flow"`
	Account     ident.AccountID `json:"account,omitempty"`
	Client      string          `json:"client"`
	Browser     string          `json:"browser"`
	Address     string          `json:"address"`
	Binding     string          `json:"binding"`        // digest of the cookie of the browser that began
	Code        string          `json:"code,omitempty"` // digest; set by the approval
	DeviceID    string          `json:"device,omitempty"`
	Unlocked    Unlock          `json:"unlocked,omitempty"`
	DeviceOwner ident.AccountID `json:"owner,omitempty"`
	CreatedAt   time.Time       `json:"created"`
	ExpiresAt   time.Time       `json:"expires"`
}

// StartHere opens a request to the app in the same browser. Errors: fault.TooMany.
func (s *Service) StartHere(ctx context.Context, a Ask) (Here, error) {
	if err := s.limits.Hit(ctx, LimitHere, a.Flow); err != nil {
		return Here{}, err
	}
	now := s.now()
	h := Here{
		ID: ident.NewID(s.rand), Flow: a.Flow, Account: a.Account, Client: clip(a.Client, 100), Browser: clip(a.Browser, 120),
		Address: clip(a.Address, 60), Binding: a.Binding, CreatedAt: now, ExpiresAt: now.Add(HereFor),
	}
	return h, kv.PutJSON(ctx, s.kv, hereKey(h.ID), h, hereKept)
}

// HereText is the link to the app. The fragment reaches no server.
func HereText(issuer, id string) string { return issuer + "/app#here." + id }

// ShowHere gives a request to a phone of the account that it is for. from is the digest of the
// cookie that came with the call, and strict says that a browser called, which always has it.
//
// Errors: ErrRequestUnknown (also for another account's), ErrRequestExpired, ErrOtherBrowser.
func (s *Service) ShowHere(ctx context.Context, d Device, id, from string, strict bool) (Here, error) {
	h, err := s.here(ctx, id)
	switch {
	case err != nil:
		return Here{}, err
	case (strict || from != "") && (from == "" || !ident.Same(from, h.Binding)):
		return Here{}, ErrOtherBrowser
	case h.Account != "" && h.Account != d.Account:
		return Here{}, ErrRequestUnknown
	case h.Code != "":
		return Here{}, ErrRequestDecided
	}
	return h, nil
}

// HereAnswer is the app's approval.
type HereAnswer struct {
	ID, PIN   string
	Assertion []byte // of the phone's own authenticator, in place of the PIN
	At        time.Time
	Signature []byte // the device key's over HereStatement
}

func (h Here) shown() Shown {
	return Shown{ID: h.ID, Client: h.Client, Browser: h.Browser, Address: h.Address, CreatedAt: h.CreatedAt}
}

// ApproveHere takes an approval that ShowHere admitted, once, and gives the code that the
// browser has to bring. Errors: those about PINs, ErrAnswer, ErrStatement, ErrRequestDecided.
func (s *Service) ApproveHere(ctx context.Context, d Device, h Here, a HereAnswer) (string, error) {
	by := ByPIN
	switch {
	case a.Assertion != nil && a.PIN == "" && len(a.Assertion) <= maxBio:
		by = ByBiometrics
	case a.Assertion != nil || !isPIN(a.PIN):
		return "", ErrAnswer
	}
	statement := HereStatement(s.issuer, d.ID, h.shown(), by, a.At)
	if gap := s.now().Sub(a.At); gap > clockSlack || gap < -clockSlack || !d.Key.Verify(statement, a.Signature) {
		return "", ErrStatement
	}
	if err := s.unlock(ctx, d, by, a.PIN, statement, a.Assertion); err != nil {
		return "", err
	}
	if err := s.answered(ctx, d, nil, s.now(), statement, a.Signature); err != nil {
		return "", err
	}
	code := ident.NewID(s.rand)
	_, err := kv.Update(ctx, s.kv, hereKey(h.ID), hereKept, func(h *Here) error {
		switch {
		case h.ID == "":
			return ErrRequestUnknown
		case h.Code != "":
			return ErrRequestDecided
		case !s.now().Before(h.ExpiresAt):
			return ErrRequestExpired
		}
		h.Code, h.DeviceID, h.DeviceOwner, h.Unlocked = ident.Digest(code), d.ID, d.Account, by
		return nil
	})
	if err != nil {
		return "", err
	}
	return code, nil
}

// Opened is a phone that approved, and how it was unlocked.
type Opened struct {
	Device
	Unlocked Unlock
}

// RedeemHere takes the code from the browser and gives the phone that approved. account is the
// one that the sign-in named, or "". The code works once; errors: ErrCodeWrong,
// ErrRequestUnknown, ErrRequestExpired.
func (s *Service) RedeemHere(ctx context.Context, id string, account ident.AccountID, code string) (Opened, error) {
	h, err := s.here(ctx, id)
	switch {
	case err != nil:
		return Opened{}, err
	case h.Account != account:
		return Opened{}, ErrRequestUnknown
	case !ident.IsID(code) || h.Code == "" || !ident.Same(ident.Digest(code), h.Code):
		return Opened{}, ErrCodeWrong
	}
	if _, err := s.kv.Take(ctx, hereKey(id)); err != nil {
		return Opened{}, unknownPush(err)
	}
	d, err := s.store.Device(ctx, h.DeviceID)
	if err == nil && (d.Status != Active || d.Account != h.DeviceOwner) {
		err = ErrRequestUnknown
	}
	return Opened{d, h.Unlocked}, err
}

func (s *Service) here(ctx context.Context, id string) (Here, error) {
	if !IsID(id) {
		return Here{}, ErrRequestUnknown
	}
	h, err := kv.GetJSON[Here](ctx, s.kv, hereKey(id))
	if fault.KindOf(err) == fault.NotFound {
		return Here{}, ErrRequestUnknown
	}
	if err == nil && !s.now().Before(h.ExpiresAt) {
		return Here{}, ErrRequestExpired
	}
	return h, err
}

func hereKey(id string) string { return "here:" + id }
