package keylogin

import (
	"context"
	"errors"

	"eulogin.example/idp/internal/factor/webauthn"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/proto/kit/fault"
)

// Method implements login.Method with WebAuthn credentials.
type Method struct{ Keys *webauthn.Service }

var (
	_ login.Answered = Method{}
	_ login.Direct   = Method{}
)

// Proves implements login.Method. Attested keys are there only where the operator trusts a
// manufacturer.
func (m Method) Proves() []policy.Method {
	out := []policy.Method{policy.SecurityKey, policy.Passkey}
	if m.Keys.Roots != nil {
		out = append(out, policy.HardwareKey, policy.IssuedKey)
	}
	return out
}

// Enrolled implements login.Method.
func (m Method) Enrolled(ctx context.Context, id ident.AccountID) ([]policy.Method, error) {
	return m.Keys.Enrolled(ctx, id)
}

// EnrolPath implements login.Method.
func (m Method) EnrolPath() string { return "/account/keys/add" }

// Direct implements login.Direct: a passkey names its owner.
func (m Method) Direct() bool { return true }

// Start implements login.Method. What the browser is asked is in Show["options"].
func (m Method) Start(ctx context.Context, a login.Ask) (login.Pending, error) {
	c, err := m.Keys.Ask(ctx, a.FlowID, a.Account)
	if err != nil {
		return login.Pending{}, err
	}
	return login.Pending{
		Method: policy.SecurityKey, ID: c.ID, ExpiresAt: c.ExpiresAt, Show: map[string]string{"options": c.Options},
	}, nil
}

// Answer implements login.Answered.
func (m Method) Answer(ctx context.Context, a login.Answer) (login.Proven, error) {
	shown, err := m.Keys.Answer(ctx, a.ChallengeID, a.Account, a.Text)
	switch {
	case errors.Is(err, webauthn.ErrOver):
		return login.Proven{}, login.ErrChallengeOver.Because(err)
	case errors.Is(err, webauthn.ErrRefused):
		return login.Proven{}, login.ErrAnswer.WithField("code", fault.As(err).Fields["code"].Key).Because(err)
	case err != nil:
		return login.Proven{}, err
	}
	return login.Proven{Method: shown.Method, FactorID: shown.Credential.ID, Account: shown.Credential.Account}, nil
}
