package provider

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/consent"
	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/grant"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/limit"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/proto/kit/fault"
)

// Phones asks people on their phones.
type Phones interface {
	Start(ctx context.Context, a phone.Ask) (phone.Push, error)
	Poll(ctx context.Context, id string) (phone.Outcome, error)
}

var (
	// bindingShape is a message that the person can type: two digits, as at every other sign-in.
	bindingShape = regexp.MustCompile(`^[1-9][0-9]$`)
	// bearerShape is what can stand in an Authorization header (RFC 6750 §2.1).
	bearerShape = regexp.MustCompile(`^[A-Za-z0-9._~+/-]+=*$`)
)

// The least and the greatest life of a request, and how much earlier than it the phone takes no answer
// any more: time for two polls, so that no approval comes too late to be fetched.
const (
	shortestBackchannel = 30 * time.Second
	longestBackchannel  = phone.PushFor
	fetching            = 2 * grant.BackchannelInterval
)

// backchannelAsked is an authentication request that was read (CIBA Core §7.1).
type backchannelAsked struct {
	scopes, acrs    []string
	binding, notify string
	email, hint     string // one of both names the person
	life            time.Duration
}

// readBackchannel reads a request of a client. Its errors are those of CIBA Core §13. It is pure.
func readBackchannel(c *client.Client, form url.Values) (q backchannelAsked, err error) {
	q = backchannelAsked{
		scopes: strings.Fields(form.Get("scope")), acrs: strings.Fields(form.Get("acr_values")), binding: form.Get("binding_message"), notify: form.Get("client_notification_token"),
		email: form.Get("login_hint"), hint: form.Get("id_token_hint"), life: longestBackchannel,
	}
	expiry := form.Get("requested_expiry")
	seconds, expiryErr := strconv.ParseUint(expiry, 10, 31)
	if expiry != "" {
		q.life = min(max(time.Duration(seconds)*time.Second, shortestBackchannel), longestBackchannel)
	}
	for _, r := range []struct {
		wrong             bool
		code, description string
	}{
		{form.Has("request"), "invalid_request", "signed authentication requests are not taken here"},
		{form.Has("login_hint_token"), "invalid_request", "login_hint_token is not taken here: name the person by login_hint or id_token_hint"},
		{(q.email != "") == (q.hint != ""), "invalid_request", "exactly one of login_hint and id_token_hint names the person"},
		{len(q.email) > hintLimit, "invalid_request", "login_hint is an e-mail address"},
		{!slices.Contains(q.scopes, oidc.ScopeOpenID), "invalid_scope", "scope must contain openid"},
		{slices.ContainsFunc(q.scopes, func(scope string) bool { return !c.MayAsk(scope) }), "invalid_scope", "scope has one that the client did not register"},
		{!bindingShape.MatchString(q.binding), "invalid_binding_message", "binding_message is a number from 10 to 99 that the service shows or tells, and that the person types on the phone"},
		{expiry != "" && (expiryErr != nil || seconds == 0), "invalid_request", "requested_expiry is a number of seconds"},
		{(c.Delivery == client.DeliverPing) != (q.notify != ""), "invalid_request", "client_notification_token goes with the delivery mode ping"},
		{q.notify != "" && (len(q.notify) > 1024 || !bearerShape.MatchString(q.notify)), "invalid_request", "client_notification_token is a bearer token of at most 1024 characters"},
	} {
		if r.wrong {
			return q, &refusal{r.code, r.description}
		}
	}
	return q, nil
}

// backchannel takes an authentication request from a service that has no browser at hand (CIBA Core
// §7), and sends it to the person's phones.
func (s *server) backchannel(w http.ResponseWriter, r *http.Request) {
	answer, err := s.backchannelBegun(r.Context(), r)
	if err != nil {
		s.writeError(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, answer)
}

// backchannelAnswer is CIBA Core §7.3.
type backchannelAnswer struct {
	ID       string `json:"auth_req_id"`
	Expires  int    `json:"expires_in"`
	Interval int    `json:"interval"`
}

func (s *server) backchannelBegun(ctx context.Context, r *http.Request) (none backchannelAnswer, err error) {
	c, err := s.authenticate(ctx, r)
	if err != nil {
		return none, err
	}
	if !c.Allows(client.CIBA) {
		return none, oidc.ErrUnauthorizedClient()
	}
	q, err := readBackchannel(c, r.PostForm)
	if err != nil {
		return none, err
	}
	resources, err := s.aimed(c, r.PostForm["resource"])
	if err != nil {
		return none, invalidTarget()
	}
	req, err := policy.Require(policy.Asked{ACRValues: q.acrs, Minimum: c.Minimum(), At: s.Now()})
	if err != nil || !req.Accepts(policy.AppAlone) {
		return none, deniedToService("what the phone proves is not enough for this service")
	}
	acc, err := s.person(ctx, c, q)
	if err != nil {
		return none, err
	}
	now, id := s.Now(), s.Grants.NewBackchannelID()
	b := grant.Backchannel{Client: c.ID, Account: acc.ID, Scopes: q.scopes, Resources: resources, ACRs: q.acrs, SID: s.Sessions.NewID(), AskedAt: now, Expires: now.Add(q.life)}
	if b.Push, err = s.asks(ctx, c, q, b, id); err != nil {
		return none, err
	}
	if err := s.Grants.KeepBackchannel(ctx, id, b); err != nil {
		return none, s.outage(ctx, err)
	}
	return backchannelAnswer{ID: id, Expires: int(q.life.Seconds()), Interval: int(grant.BackchannelInterval.Seconds())}, nil
}

// person finds who is meant. Only people who use the service can be asked by it; for all others,
// whether there is an account or not, the answer is the same (security case 32). Each guess counts before
// anybody is looked for: after too many the answer is the same for those who use it, too (case 31).
func (s *server) person(ctx context.Context, c *client.Client, q backchannelAsked) (account.Account, error) {
	if err := s.Limits.Hit(ctx, limit.BackchannelUnknown, c.ID); err != nil {
		return account.Account{}, s.busy(ctx, err)
	}
	acc, err := s.meant(ctx, c, q)
	uses := false
	if err == nil && acc.Usable() && c.Admits(acc.Groups) {
		uses, err = s.uses(ctx, acc.ID, c.ID)
	}
	if !uses && (err == nil || wrong(err)) {
		return acc, &oidc.Error{ErrorType: "unknown_user_id", Description: "nobody who uses this service is known by that hint"}
	}
	if err = errors.Join(err, s.Limits.Forgive(ctx, limit.BackchannelUnknown, c.ID)); err != nil {
		return acc, s.outage(ctx, err)
	}
	return acc, nil
}

// uses reports whether a person lets a service know who they are: signed in there before, and did not
// withdraw it since.
func (s *server) uses(ctx context.Context, id ident.AccountID, service string) (bool, error) {
	standing, err := s.Consents.Standing(ctx, id, service)
	return standing[consent.Identity].Given(), err
}

func (s *server) meant(ctx context.Context, c *client.Client, q backchannelAsked) (account.Account, error) {
	if q.email != "" {
		key, err := ident.EmailKey(q.email)
		if err != nil {
			return account.Account{}, account.ErrUnknown.Because(err)
		}
		return s.Accounts.ByEmailKey(ctx, key)
	}
	var hint idToken
	if err := s.Ring.Verify(q.hint, idTokenType, &hint); err != nil || hint.Issuer != s.Issuer || hint.Audience != c.ID {
		return account.Account{}, account.ErrUnknown
	}
	return s.Accounts.ByID(ctx, s.accountOf(c, hint.Subject))
}

// asks sends the request to the person's phones, where the person types the number that the service
// shows; what the service is to be told goes along, sealed.
func (s *server) asks(ctx context.Context, c *client.Client, q backchannelAsked, b grant.Backchannel, id string) (string, error) {
	ask := phone.Ask{
		Flow: "backchannel " + c.ID + " " + string(b.Account), Account: b.Account, Client: c.Name, Away: &phone.Away{Number: q.binding, Life: q.life - fetching},
	}
	if c.Delivery == client.DeliverPing {
		raw, err := json.Marshal(Ping{ID: id, Token: q.notify})
		if err != nil {
			return "", err
		}
		sealed, err := s.Box.Seal(s.Grants.Random, raw, pingName(c.ID))
		if err != nil {
			return "", s.outage(ctx, err)
		}
		ask.Away.Word = &phone.Word{Client: c.ID, Asked: b.AskedAt, Until: b.Expires, Sealed: sealed}
	}
	p, err := s.Phones.Start(ctx, ask)
	switch {
	case err == nil:
		return p.ID, nil
	case errors.Is(err, phone.ErrNoDevice):
		return "", deniedToService("the person cannot be asked by phone")
	case fault.KindOf(err) == fault.TooMany:
		return "", s.busy(ctx, err)
	}
	return "", s.outage(ctx, err)
}

// deniedToService is access_denied as CIBA Core §13 has it.
func deniedToService(why string) error {
	return op.NewStatusError(oidc.ErrAccessDenied().WithDescription("%s", why), http.StatusForbidden)
}

// busy says that a person, or a service, was asked too often, and when to come again.
func (s *server) busy(ctx context.Context, err error) error {
	if fault.KindOf(err) != fault.TooMany {
		return s.outage(ctx, err)
	}
	var f *fault.Error
	if errors.As(err, &f) && f.RetryAfter > 0 {
		exchange(ctx).w.Header().Set("Retry-After", strconv.Itoa(int(f.RetryAfter.Seconds())+1))
	}
	return op.NewStatusError(&oidc.Error{ErrorType: "temporarily_unavailable", Description: "asked too often: come again later"}, http.StatusTooManyRequests)
}

// backchannelMetadata tells how services can ask without a browser (CIBA Core §4).
func (s *server) backchannelMetadata() map[string]any {
	return map[string]any{"backchannel_token_delivery_modes_supported": client.Deliveries, "backchannel_user_code_parameter_supported": false}
}
