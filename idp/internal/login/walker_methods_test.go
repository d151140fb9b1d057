package login

import (
	"context"
	"strings"
	"time"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/policy"
)

// walkKey is a security key: Anna and Bob both have one, and hers verifies its user when
// asked to. The answer says whose key was used and how.
type walkKey struct{ w *walker }

func (walkKey) Proves() []policy.Method { return []policy.Method{policy.SecurityKey, policy.Passkey} }

func (walkKey) EnrolPath() string { return "/account/keys/add" }

func (walkKey) Direct() bool { return true }

func (k walkKey) Enrolled(_ context.Context, id ident.AccountID) ([]policy.Method, error) {
	if id == walkAnna {
		return k.Proves(), nil
	}
	return nil, nil
}

func (k walkKey) Start(_ context.Context, a Ask) (Pending, error) {
	k.w.n.Owner = a.Account
	return Pending{Method: policy.SecurityKey, ID: "key of " + string(a.Account), ExpiresAt: k.w.now.Add(5 * time.Minute)}, nil
}

func (k walkKey) Answer(_ context.Context, a Answer) (Proven, error) {
	how, whose, ok := strings.Cut(a.Text, " of ")
	if !ok {
		return Proven{}, ErrAnswer.WithField("code", "signin.code.wrong")
	}
	id := ident.AccountID(whose)
	if a.Account == "" || a.Account == id {
		k.w.shows(id, policy.Method(how))
	}
	return Proven{Method: policy.Method(how), FactorID: "key of " + whose, Account: id}, nil
}

// walkCode are Anna's recovery codes.
type walkCode struct{ w *walker }

func (walkCode) Proves() []policy.Method { return []policy.Method{policy.RecoveryCode} }

func (walkCode) EnrolPath() string { return "" }

func (c walkCode) Enrolled(_ context.Context, id ident.AccountID) ([]policy.Method, error) {
	if id == walkAnna {
		return c.Proves(), nil
	}
	return nil, nil
}

func (c walkCode) Start(_ context.Context, a Ask) (Pending, error) {
	c.w.n.Owner = a.Account
	return Pending{Method: policy.RecoveryCode, ID: "code of " + string(a.Account), ExpiresAt: c.w.now.Add(5 * time.Minute)}, nil
}

func (c walkCode) Answer(_ context.Context, a Answer) (Proven, error) {
	if a.Text != "code" {
		return Proven{}, ErrAnswer.WithField("code", "signin.code.wrong")
	}
	c.w.shows(a.Account, policy.RecoveryCode)
	return Proven{Method: policy.RecoveryCode, Account: a.Account}, nil
}

// walkAlone is the phone in the place of the password.
type walkAlone struct{ walkPhone }

func (walkAlone) Proves() []policy.Method { return []policy.Method{policy.AppAlone} }

func (walkAlone) EnrolPath() string { return "" }

func (walkAlone) Enrolled(context.Context, ident.AccountID) ([]policy.Method, error) { return nil, nil }

func (p walkAlone) Start(ctx context.Context, a Ask) (Pending, error) {
	pending, err := p.walkPhone.Start(ctx, a)
	pending.Method, pending.ID = policy.AppAlone, "alone of "+string(a.Account)
	return pending, err
}

func (p walkAlone) Poll(context.Context, string) (State, Proven, error) {
	return p.w.n.Phone, Proven{Method: policy.AppAlone, FactorID: "device of " + string(p.w.n.Owner), Account: p.w.n.Owner}, nil
}
