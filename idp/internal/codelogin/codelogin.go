package codelogin

import (
	"context"
	"errors"

	"eulogin.example/idp/internal/factor/challenge"
	"eulogin.example/idp/internal/factor/recovery"
	"eulogin.example/idp/internal/factor/sms"
	"eulogin.example/idp/internal/factor/totp"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/proto/kit/fault"
)

// TOTP is the method "Authenticator app".
type TOTP struct{ Service *totp.Service }

// SMS is the method "Mobile phone + SMS".
type SMS struct{ Service *sms.SignIn }

// Recovery is the method "Recovery code".
type Recovery struct{ Service *recovery.Service }

var (
	_ login.Answered = TOTP{}
	_ login.Answered = SMS{}
	_ login.Answered = Recovery{}
)

// Proves implements login.Method.
func (TOTP) Proves() []policy.Method { return []policy.Method{policy.TOTP} }

// Proves implements login.Method.
func (SMS) Proves() []policy.Method { return []policy.Method{policy.SMS} }

// Proves implements login.Method.
func (Recovery) Proves() []policy.Method { return []policy.Method{policy.RecoveryCode} }

// EnrolPath implements login.Method.
func (TOTP) EnrolPath() string { return "/account/authenticators/add" }

// EnrolPath implements login.Method.
func (SMS) EnrolPath() string { return "/account/numbers/add" }

// EnrolPath implements login.Method: codes for a lost factor are not got on the way in.
func (Recovery) EnrolPath() string { return "" }

// Enrolled implements login.Method.
func (m TOTP) Enrolled(ctx context.Context, id ident.AccountID) ([]policy.Method, error) {
	ok, err := m.Service.Enrolled(ctx, id)
	return enrolled(ok, err, policy.TOTP)
}

// Enrolled implements login.Method.
func (m SMS) Enrolled(ctx context.Context, id ident.AccountID) ([]policy.Method, error) {
	ok, err := m.Service.Enrolled(ctx, id)
	return enrolled(ok, err, policy.SMS)
}

// Enrolled implements login.Method.
func (m Recovery) Enrolled(ctx context.Context, id ident.AccountID) ([]policy.Method, error) {
	set, err := m.Service.Current(ctx, id)
	return enrolled(set.Left() > 0, err, policy.RecoveryCode)
}

// Start implements login.Method.
func (m TOTP) Start(ctx context.Context, a login.Ask) (login.Pending, error) {
	q, err := m.Service.Ask(ctx, a.Account)
	return pending(policy.TOTP, q, nil), err
}

// Start implements login.Method. Show["to"] is the masked number that the code was sent to,
// and Show["other.<id>"] are those that the person can have it sent to instead.
func (m SMS) Start(ctx context.Context, a login.Ask) (login.Pending, error) {
	sent, err := m.Service.Send(ctx, sms.Asked{Account: a.Account, Service: a.ClientName, Address: a.Address, Number: a.Factor})
	show := map[string]string{}
	if err == nil {
		show["to"] = sent.To.Number.Masked()
	}
	for _, n := range sent.Others {
		show[login.ShowOther+n.ID] = n.Number.Masked()
	}
	return pending(policy.SMS, sent.Question, show), err
}

// Start implements login.Method.
func (m Recovery) Start(ctx context.Context, a login.Ask) (login.Pending, error) {
	q, err := m.Service.Ask(ctx, a.Account)
	return pending(policy.RecoveryCode, q, nil), err
}

// Answer implements login.Answered.
func (m TOTP) Answer(ctx context.Context, a login.Answer) (login.Proven, error) {
	id, err := m.Service.Answer(ctx, a.ChallengeID, a.Account, a.Text)
	return proven(policy.TOTP, id, a, err)
}

// Answer implements login.Answered.
func (m SMS) Answer(ctx context.Context, a login.Answer) (login.Proven, error) {
	id, err := m.Service.Answer(ctx, a.ChallengeID, a.Account, a.Text)
	return proven(policy.SMS, id, a, err)
}

// Answer implements login.Answered.
func (m Recovery) Answer(ctx context.Context, a login.Answer) (login.Proven, error) {
	id, err := m.Service.Answer(ctx, a.ChallengeID, a.Account, a.Text)
	return proven(policy.RecoveryCode, id, a, err)
}

func enrolled(ok bool, err error, m policy.Method) ([]policy.Method, error) {
	if err != nil || !ok {
		return nil, err
	}
	return []policy.Method{m}, nil
}

func pending(m policy.Method, q challenge.Question, show map[string]string) login.Pending {
	return login.Pending{Method: m, ID: q.ID, ExpiresAt: q.ExpiresAt, Show: show}
}

// proven translates how an answer ended.
func proven(m policy.Method, factorID string, a login.Answer, err error) (login.Proven, error) {
	switch {
	case err == nil:
		return login.Proven{Method: m, FactorID: factorID, Account: a.Account}, nil
	case errors.Is(err, challenge.ErrSpent):
		return login.Proven{}, login.ErrChallengeOver.Because(login.ErrGuessed)
	case errors.Is(err, challenge.ErrOver):
		return login.Proven{}, login.ErrChallengeOver.Because(err)
	case errors.Is(err, totp.ErrUsed):
		return login.Proven{}, login.ErrAnswer.Because(err).WithField("code", "signin.code.totp.used", fault.As(err).Args...)
	case fault.KindOf(err) == fault.Invalid:
		return login.Proven{}, login.ErrAnswer.Because(err).WithField("code", "signin.code.wrong", fault.As(err).Args...)
	}
	return login.Proven{}, err
}
