package phonelogin

import (
	"cmp"
	"context"

	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
)

// Method implements login.Method with the phone's app.
type Method struct {
	Phone *phone.Service
	Own   string // our product's name, shown on the phone when no service sent the person
}

var _ login.Polled = Method{}

// addDevice is the page that adds a phone.
const addDevice = "/account/devices/add"

// ask tells the phone who asks; without a service it is we ourselves.
func ask(a login.Ask, own string) phone.Ask {
	return phone.Ask{
		Flow: a.FlowID, Account: a.Account, Client: cmp.Or(a.ClientName, own), Browser: a.Browser, Address: a.Address, Binding: a.Binding,
	}
}

// Proves implements login.Method.
func (m Method) Proves() []policy.Method { return []policy.Method{policy.AppPIN, policy.AppBiometrics} }

// proofs says what an approval shows, by how the phone was unlocked.
var proofs = map[phone.Unlock]policy.Method{phone.ByPIN: policy.AppPIN, phone.ByBiometrics: policy.AppBiometrics}

// EnrolPath implements login.Method.
func (m Method) EnrolPath() string { return addDevice }

// Enrolled implements login.Method.
func (m Method) Enrolled(ctx context.Context, id ident.AccountID) ([]policy.Method, error) {
	unlocks, err := m.Phone.Unlocks(ctx, id)
	var out []policy.Method
	for _, u := range unlocks {
		out = append(out, proofs[u])
	}
	return out, err
}

// Start implements login.Method. The number to type on the phone is in Show["number"].
func (m Method) Start(ctx context.Context, a login.Ask) (login.Pending, error) {
	p, err := m.Phone.Start(ctx, ask(a, m.Own))
	if err != nil {
		return login.Pending{}, err
	}
	return login.Pending{
		Method: policy.AppPIN, ID: p.ID, ExpiresAt: p.ExpiresAt, Show: map[string]string{"number": p.Number},
	}, nil
}

// states translates what the phone knows into what a sign-in knows.
var states = map[phone.State]login.State{
	phone.Pending: login.Waiting, phone.Approved: login.Proved, phone.Denied: login.Denied, phone.Expired: login.Expired,
}

// Poll implements login.Polled.
func (m Method) Poll(ctx context.Context, id string) (login.State, login.Proven, error) {
	o, err := m.Phone.Poll(ctx, id)
	if err != nil {
		return "", login.Proven{}, err
	}
	return states[o.State], login.Proven{Method: proofs[o.Unlocked], FactorID: o.DeviceID}, nil
}
