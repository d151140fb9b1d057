package phonelogin

import (
	"context"
	"errors"

	"eulogin.example/idp/internal/factor/challenge"
	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/proto/kit/fault"
)

// QR implements login.Method with the app of a phone that needs no network.
type QR struct {
	Phone *phone.Service
	Own   string // our product's name, shown on the phone when no service sent the person
}

var _ login.Answered = QR{}

// Proves implements login.Method.
func (QR) Proves() []policy.Method { return []policy.Method{policy.AppQR} }

// EnrolPath implements login.Method.
func (QR) EnrolPath() string { return addDevice }

// Enrolled implements login.Method.
func (m QR) Enrolled(ctx context.Context, id ident.AccountID) ([]policy.Method, error) {
	ok, err := m.Phone.OfflineEnrolled(ctx, id)
	if err != nil || !ok {
		return nil, err
	}
	return m.Proves(), nil
}

// Start implements login.Method. What the QR code says is in Show["text"].
func (m QR) Start(ctx context.Context, a login.Ask) (login.Pending, error) {
	q, text, err := m.Phone.StartQR(ctx, ask(a, m.Own))
	if err != nil {
		return login.Pending{}, err
	}
	return login.Pending{Method: policy.AppQR, ID: q.ID, ExpiresAt: q.ExpiresAt, Show: map[string]string{"text": text}}, nil
}

// Answer implements login.Answered.
func (m QR) Answer(ctx context.Context, a login.Answer) (login.Proven, error) {
	device, err := m.Phone.AnswerQR(ctx, a.ChallengeID, a.Account, a.Text)
	switch {
	case err == nil:
		return login.Proven{Method: policy.AppQR, FactorID: device, Account: a.Account}, nil
	case errors.Is(err, challenge.ErrSpent):
		return login.Proven{}, login.ErrChallengeOver.Because(login.ErrGuessed)
	case errors.Is(err, challenge.ErrOver):
		return login.Proven{}, login.ErrChallengeOver.Because(err)
	case errors.Is(err, phone.ErrCodeWrong):
		return login.Proven{}, login.ErrAnswer.Because(err).WithField("code", "signin.code.app_qr.wrong", fault.As(err).Args...)
	}
	return login.Proven{}, err
}
