package provider

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/grant"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/limit"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
	"eulogin.example/proto/kit/page"
)

// decisionAge is how old the sign-in of somebody may be who lets a device in.
const decisionAge = 15 * time.Minute

// errNotAdmitted says that the device's service is not for this person; its argument is the service's name.
var errNotAdmitted = fault.New(fault.Denied, "oidc.not_admitted")

// errDeviceOver says that the request was decided, or waited too long.
var errDeviceOver = fault.New(fault.Gone, "oidc.device_over")

// deviceForm is the page on which the user code is typed.
type deviceForm struct {
	Typed  string
	Errors map[string]fault.Message
}

// deviceQuestion binds a request to the browser in which its code was typed, so that the code
// stands in no address.
type deviceQuestion struct {
	Device  string    `json:"device"`
	Browser string    `json:"browser"`
	At      time.Time `json:"at"`
}

// device shows the form, or takes the code. Guesses are counted for the network address.
func (s *server) device(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodPost {
		return s.Site.Render(w, r, http.StatusOK, "oidc/device", deviceForm{})
	}
	typed := r.PostForm.Get("user_code")
	if err := s.Limits.Hit(r.Context(), limit.DeviceCode, limit.Network(s.Browser.Address(r))); err != nil {
		return err
	}
	d, err := s.Grants.DeviceByUserCode(r.Context(), typed)
	if errors.Is(err, grant.ErrUserCode) {
		form := deviceForm{Typed: typed, Errors: map[string]fault.Message{"user_code": {Key: "oidc.device.unknown"}}}
		return s.Site.Render(w, r, http.StatusUnprocessableEntity, "oidc/device", form)
	}
	if err != nil {
		return unavailable(err)
	}
	id := ident.NewID(s.Grants.Random)
	if err := kv.PutJSON(r.Context(), s.KV, questionKey(id), deviceQuestion{d.ID, s.Browser.Binding(w, r), s.Now()}, grant.DeviceLife); err != nil {
		return unavailable(err)
	}
	return browser.To(w, r, decidePath+"?"+url.Values{"q": {id}}.Encode())
}

// deviceAsked finds the request of a question that was asked in this browser, and when.
func (s *server) deviceAsked(w http.ResponseWriter, r *http.Request) (d grant.Device, c *client.Client, at time.Time, err error) {
	id := r.Form.Get("q")
	if !ident.IsID(id) {
		return d, nil, at, page.ErrNotFound
	}
	q, err := kv.GetJSON[deviceQuestion](r.Context(), s.KV, questionKey(id))
	if err != nil || !ident.Same(q.Browser, s.Browser.Binding(w, r)) {
		return d, nil, at, errDeviceOver.Because(err)
	}
	d, err = s.Grants.DeviceByID(r.Context(), q.Device)
	if errors.Is(err, grant.ErrUserCode) {
		return d, nil, at, errDeviceOver
	}
	if err != nil {
		return d, nil, at, unavailable(err)
	}
	if c, err = s.Clients.ByID(r.Context(), d.Client); err != nil {
		return d, nil, at, noClient(err)
	}
	return d, c, q.At, nil
}

// decideDevice asks the person, signed in lately and as strongly as the client wants, and takes the
// answer. It is the same policy that an authorization request meets.
func (s *server) decideDevice(w http.ResponseWriter, r *http.Request) error {
	d, c, at, err := s.deviceAsked(w, r)
	if err != nil {
		return err
	}
	age := decisionAge
	if c.DefaultMaxAge != nil {
		age = min(age, time.Duration(*c.DefaultMaxAge)*time.Second)
	}
	req, err := policy.Require(policy.Asked{Minimum: c.Minimum(), MaxAge: &age, At: at})
	if err != nil {
		return err
	}
	wants := func(context.Context, account.Account) (policy.Requirement, error) { return req, nil }
	return s.Browser.RequireBy(wants, func(w http.ResponseWriter, r *http.Request) error {
		if !c.Admits(browser.From(r.Context()).Account.Groups) {
			return errNotAdmitted.WithArgs(c.Name)
		}
		if r.Method == http.MethodPost {
			return s.deviceDecided(w, r, d, c, req)
		}
		return s.Site.Render(w, r, http.StatusOK, "oidc/device-decide", deviceShown{c.Name, d, r.Form.Get("q"), browser.From(r.Context()).Account.Email})
	})(w, r)
}

// deviceShown is what the person sees before deciding.
type deviceShown struct {
	Service string
	grant.Device
	Question, Email string
}

// deviceDecided notes the answer; only "allow" allows.
func (s *server) deviceDecided(w http.ResponseWriter, r *http.Request, d grant.Device, c *client.Client, req policy.Requirement) error {
	who, allowed := browser.From(r.Context()), r.PostForm.Get("answer") == "allow"
	var approval *grant.Approval
	if allowed {
		how := policy.Evaluate(who.Session.Proofs, req, s.Now())
		if err := s.Sessions.AddClient(r.Context(), who.Session.ID, d.Client); err != nil {
			return err
		}
		told, err := s.Consents.LetIn(r.Context(), who.Account.ID, d.Client, *s.release(c, asked{Scopes: d.Scopes}))
		if err != nil {
			return err
		}
		approval = &grant.Approval{
			Client: d.Client, Account: who.Account.ID, SID: who.Session.ID, At: told.At, Scopes: within(d.Scopes, told.Withheld), Resources: d.Resources, ACR: how.ACR, AMR: how.AMR, AuthTime: how.AuthTime,
		}
	}
	err := s.Grants.DecideDevice(r.Context(), d.ID, approval)
	if errors.Is(err, grant.ErrUserCode) {
		return errDeviceOver
	}
	if err != nil {
		return unavailable(err)
	}
	return s.Site.Render(w, r, http.StatusOK, "oidc/device-done", allowed)
}

func questionKey(id string) string { return "devicequestion:" + id }
