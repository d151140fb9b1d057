package phone

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"
	"unicode"

	"eulogin.example/idp/internal/factor/challenge"
	"eulogin.example/idp/internal/ident"
)

// QRFor is how long a QR code of a sign-in can be answered (domain.md row 8).
const QRFor = 2 * time.Minute

// LimitQR counts QR codes of an account, in the table of package limit.
const LimitQR = "qr.asked"

// asker is what a question notes about who asks.
type asker struct {
	Client  string `json:"client"`
	Browser string `json:"browser"`
}

// OfflineEnrolled reports whether an account has a phone that can answer QR codes.
func (s *Service) OfflineEnrolled(ctx context.Context, account ident.AccountID) (bool, error) {
	devices, err := s.store.Devices(ctx, account)
	for _, d := range devices {
		if _, _, ok := s.offlineKeys(d); ok {
			return true, nil
		}
	}
	return false, err
}

// StartQR opens a question that a phone answers without a network, and gives the text of its
// QR code. Errors: fault.TooMany from the limits.
func (s *Service) StartQR(ctx context.Context, a Ask) (challenge.Question, string, error) {
	if err := s.limits.Hit(ctx, LimitQR, string(a.Account)); err != nil {
		return challenge.Question{}, "", err
	}
	about, err := json.Marshal(asker{Client: clip(a.Client, 100), Browser: clip(a.Browser+" · "+a.Address, 120)})
	if err != nil {
		return challenge.Question{}, "", err
	}
	q, err := s.questions.Open(ctx, a.Account, string(about), "")
	if err != nil {
		return challenge.Question{}, "", err
	}
	c, err := s.offlineChallenge(q)
	return q, c.Text(s.issuer), err
}

func (s *Service) offlineChallenge(q challenge.Question) (OfflineChallenge, error) {
	var by asker
	err := json.Unmarshal([]byte(q.About), &by)
	return OfflineChallenge{ID: q.ID, Account: AccountTag(s.issuer, q.Account), Until: q.ExpiresAt, Client: by.Client, Browser: by.Browser}, err
}

// AnswerQR takes the code that was typed and gives the phone that it came from. A code of the
// right phone with a wrong PIN counts as a wrong PIN of that phone; that it was one is not told.
//
// Errors: ErrCodeWrong with the tries left, challenge.ErrOver (because of challenge.ErrSpent
// after the last try), fault.Unavailable.
func (s *Service) AnswerQR(ctx context.Context, id string, account ident.AccountID, typed string) (string, error) {
	q, err := s.questions.Try(ctx, id, account)
	if err != nil {
		return "", err
	}
	code := strings.Map(func(r rune) rune {
		if r == '-' || unicode.IsSpace(r) {
			return -1 // as the app groups them, or a person does
		}
		return r
	}, typed)
	if len(code) != OfflineDigits || !digits(code) {
		return "", q.Refuse(ErrCodeWrong)
	}
	c, err := s.offlineChallenge(q)
	if err != nil {
		return "", err
	}
	devices, err := s.store.Devices(ctx, account)
	if err != nil {
		return "", err
	}
	for _, d := range devices {
		ok, err := s.tryOffline(ctx, d, c.Message(s.issuer), code)
		if err != nil {
			return "", err
		}
		if ok {
			return d.ID, s.settleQR(ctx, q.ID, d.ID)
		}
	}
	return "", q.Refuse(ErrCodeWrong)
}

// tryOffline looks whether one phone made the code. The PIN's part is looked at only after a
// try was counted, as everywhere.
func (s *Service) tryOffline(ctx context.Context, d Device, message []byte, code string) (bool, error) {
	key, pin, ok := s.offlineKeys(d)
	if !ok {
		return false, nil
	}
	device, secret := offlineCode(key, pin, message)
	if !ident.Same(device, code[:deviceDigits]) {
		return false, nil
	}
	count, err := s.store.ReservePIN(ctx, d.ID, PINTries)
	if err != nil {
		return false, err
	}
	if count > 0 && ident.Same(secret, code[deviceDigits:]) {
		return true, nil
	}
	if count == 0 || count >= PINTries {
		if err := s.disable(ctx, d); !errors.Is(err, ErrDeviceDisabled) {
			return false, err
		}
	}
	return false, nil
}

// settleQR ends the question, for one of all who bring the right code.
func (s *Service) settleQR(ctx context.Context, id, device string) error {
	if err := s.questions.Close(ctx, id); err != nil {
		return firstOf(s.store.SettlePIN(ctx, device, false, s.now()), err)
	}
	return s.store.SettlePIN(ctx, device, true, s.now())
}
