package phonelogin

import (
	"context"
	"errors"

	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/proto/kit/fault"
)

// OnMobile implements login.Method with the app on the phone whose browser signs in. The
// app's approval is a code that this browser has to bring, bound to it by its cookie.
type OnMobile struct {
	Phone  *phone.Service
	Own    string
	Issuer string
}

var (
	_ login.Answered = OnMobile{}
	_ login.Direct   = OnMobile{}
)

// Proves implements login.Method.
func (OnMobile) Proves() []policy.Method {
	return []policy.Method{policy.OnMobile, policy.OnMobileBio}
}

// here says what an approval on the same phone shows, by how it was unlocked.
var here = map[phone.Unlock]policy.Method{phone.ByPIN: policy.OnMobile, phone.ByBiometrics: policy.OnMobileBio}

// EnrolPath implements login.Method.
func (OnMobile) EnrolPath() string { return addDevice }

// Direct implements login.Direct: the app knows whose phone it is.
func (OnMobile) Direct() bool { return true }

// Enrolled implements login.Method.
func (m OnMobile) Enrolled(ctx context.Context, id ident.AccountID) ([]policy.Method, error) {
	unlocks, err := m.Phone.Unlocks(ctx, id)
	var out []policy.Method
	for _, u := range unlocks {
		out = append(out, here[u])
	}
	return out, err
}

// Start implements login.Method. The link to the app is in Show["link"].
func (m OnMobile) Start(ctx context.Context, a login.Ask) (login.Pending, error) {
	h, err := m.Phone.StartHere(ctx, ask(a, m.Own))
	if err != nil {
		return login.Pending{}, err
	}
	return login.Pending{
		Method: policy.OnMobile, ID: h.ID, ExpiresAt: h.ExpiresAt, Show: map[string]string{"link": phone.HereText(m.Issuer, h.ID)},
	}, nil
}

// Answer implements login.Answered.
func (m OnMobile) Answer(ctx context.Context, a login.Answer) (login.Proven, error) {
	d, err := m.Phone.RedeemHere(ctx, a.ChallengeID, a.Account, a.Text)
	switch {
	case err == nil:
		return login.Proven{Method: here[d.Unlocked], FactorID: d.ID, Account: d.Account}, nil
	case errors.Is(err, phone.ErrCodeWrong):
		return login.Proven{}, login.ErrAnswer.Because(err).WithField("code", "signin.onmobile.wrong")
	case fault.KindOf(err) == fault.NotFound, fault.KindOf(err) == fault.Gone:
		return login.Proven{}, login.ErrChallengeOver.Because(err)
	}
	return login.Proven{}, err
}
