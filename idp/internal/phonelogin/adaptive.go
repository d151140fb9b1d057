package phonelogin

import (
	"context"

	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
)

// Adaptive implements login.Method with the phone's app in the place of the password, for people
// who want that and in browsers that they use (domain.md row 20). The approval is the phone's key
// and the PIN or the biometrics that unlock it: both factors in one act, as On-mobile
// authentication is.
type Adaptive struct{ Method }

var _ login.Polled = Adaptive{}

// alone says what an approval without a password shows, by how the phone was unlocked.
var alone = map[phone.Unlock]policy.Method{phone.ByPIN: policy.AppAlone, phone.ByBiometrics: policy.AppAloneBio}

// Proves implements login.Method.
func (Adaptive) Proves() []policy.Method {
	return []policy.Method{policy.AppAlone, policy.AppAloneBio}
}

// EnrolPath implements login.Method: nobody adds it, the app is what is added.
func (Adaptive) EnrolPath() string { return "" }

// Enrolled implements login.Method: it is no factor beside the app's own.
func (Adaptive) Enrolled(context.Context, ident.AccountID) ([]policy.Method, error) { return nil, nil }

// Start implements login.Method.
func (m Adaptive) Start(ctx context.Context, a login.Ask) (login.Pending, error) {
	p, err := m.Method.Start(ctx, a)
	p.Method = policy.AppAlone
	return p, err
}

// Poll implements login.Polled.
func (m Adaptive) Poll(ctx context.Context, id string) (login.State, login.Proven, error) {
	o, err := m.Phone.Poll(ctx, id)
	if err != nil {
		return "", login.Proven{}, err
	}
	return states[o.State], login.Proven{Method: alone[o.Unlocked], FactorID: o.DeviceID, Account: o.Account}, nil
}
