package provider

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/zitadel/oidc/v3/pkg/oidc"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/grant"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/seal"
	"eulogin.example/idp/internal/session"
	"eulogin.example/proto/kit/fault"
)

// byPhone says what an answer proves by itself: the phone, and its PIN or its owner's biometrics.
var byPhone = map[phone.Unlock]policy.Method{phone.ByPIN: policy.AppAlone, phone.ByBiometrics: policy.AppAloneBio}

// errUnasked says that the person would have to agree to something first, in a browser.
var errUnasked = fault.New(fault.Denied, "oidc.backchannel_consent")

// backchannelToken answers a service that asked a person on the phone (CIBA Core §10.1): with tokens,
// once, when the person approved, and else with why not yet or never.
func (s *server) backchannelToken(ctx context.Context, c *client.Client, r *http.Request) (*oidc.AccessTokenResponse, error) {
	raw := r.PostForm.Get("auth_req_id")
	bound, err := s.bound(ctx, c)
	if err != nil {
		return nil, err
	}
	b, err := s.Grants.PollBackchannel(ctx, raw, c.ID)
	switch {
	case errors.Is(err, grant.ErrSlowDown):
		return nil, oidc.ErrSlowDown()
	case errors.Is(err, grant.ErrExpired):
		return nil, requestOver()
	case err != nil:
		return nil, s.refused(ctx, err, oidc.ErrInvalidGrant())
	}
	o, err := s.Phones.Poll(ctx, b.Push)
	switch {
	case err != nil:
		return nil, s.outage(ctx, err)
	case o.State == phone.Pending:
		return nil, oidc.ErrAuthorizationPending()
	case o.State == phone.Denied:
		return nil, oidc.ErrAccessDenied()
	case o.State != phone.Approved || o.Account != b.Account:
		return nil, requestOver()
	}
	if err := s.Grants.TakeBackchannel(ctx, b); err != nil {
		return nil, s.refused(ctx, err, oidc.ErrInvalidGrant())
	}
	answer, err := s.backchannelGiven(ctx, c, raw, b, o, bound)
	if err == nil {
		return answer, nil
	}
	err = errors.Join(s.noSession(ctx, b.SID), err)
	if !wrong(err) { // after the outage the service may ask again
		err = errors.Join(err, s.Grants.ReturnBackchannel(ctx, b))
	}
	return nil, s.refused(ctx, err, oidc.ErrAccessDenied())
}

// noSession ends the session of a request for which nothing was given: the service is in none. After an outage the
// same may begin anew.
func (s *server) noSession(ctx context.Context, sid string) error {
	_, err := s.Sessions.Revoke(context.WithoutCancel(ctx), sid)
	if errors.Is(err, session.ErrNone) {
		return nil
	}
	return err
}

// requestOver says that nobody can answer any more (CIBA Core §11).
func requestOver() error {
	return oidc.ErrExpiredDeviceCode().WithDescription("the authentication request is over")
}

// backchannelGiven makes a session of the person's answer, and tokens that end with it. The policy is
// the one that every entrance meets (security case 5).
func (s *server) backchannelGiven(ctx context.Context, c *client.Client, raw string, b grant.Backchannel, o phone.Outcome, bound grant.Binding) (*oidc.AccessTokenResponse, error) {
	req, err := policy.Require(policy.Asked{ACRValues: b.ACRs, Minimum: c.Minimum(), At: b.AskedAt})
	if err != nil {
		return nil, err
	}
	acc, err := s.Accounts.ByID(ctx, b.Account)
	if err != nil {
		return nil, err
	}
	told, no, err := s.settled(ctx, c, asked{Client: c.ID, Scopes: b.Scopes}, acc, nil, true)
	if err != nil {
		return nil, err
	}
	if no != nil {
		return nil, errUnasked // the phone has no page for it
	}
	sess, d, err := s.Login.SignInAway(ctx, login.Away{
		SID: b.SID, Account: b.Account, Service: c.Name, Proof: policy.Proof{Method: byPhone[o.Unlocked], FactorID: o.DeviceID, At: o.At},
		Meta: session.Meta{Browser: s.Site.Product + " Mobile App"},
	}, req)
	if err != nil {
		return nil, err
	}
	if err := s.Sessions.AddClient(ctx, sess.ID, c.ID); err != nil {
		return nil, err
	}
	return s.exchanged(ctx, c, raw, grant.Code{Approval: grant.Approval{
		Client: c.ID, Account: b.Account, SID: sess.ID, At: told.At, Scopes: told.Scopes, Resources: b.Resources, ACR: d.ACR, AMR: d.AMR, AuthTime: d.AuthTime, Binding: bound,
	}})
}

// Ping is what a service is told when its person answered (CIBA Core §10.2), and the password by which
// it knows us.
type Ping struct {
	ID    string `json:"auth_req_id"`
	Token string `json:"client_notification_token"`
}

// OpenPing opens what the outbox kept sealed.
func OpenPing(box *seal.Box, w phone.Word) (p Ping, err error) {
	raw, err := box.Open(w.Sealed, pingName(w.Client))
	if err != nil {
		return p, err
	}
	return p, json.Unmarshal(raw, &p)
}

func pingName(client string) string { return "backchannel ping " + ident.Digest(client) }
