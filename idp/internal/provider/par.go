package provider

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// pushedLife is how long a pushed request can be opened (RFC 9126 §2.2: 5 to 600 seconds): a person
// who reloads the page in the middle of a sign-in comes with it again.
const pushedLife = 5 * time.Minute

// pushedPrefix is what our request_uri begins with (RFC 9126 §2.2).
const pushedPrefix = "urn:ietf:params:oauth:request_uri:"

// errPushed says that a request_uri is none of ours, was answered, is too old, or another client's
// or browser's.
var errPushed = fault.New(fault.Invalid, "oidc.request_uri")

// pushMetadata tells how requests may come: pushed, and as signed objects by value, never at an address.
func (s *server) pushMetadata() map[string]any {
	return map[string]any{
		"require_pushed_authorization_requests": false, "request_parameter_supported": true, "request_uri_parameter_supported": false,
		"require_signed_request_object": false, "request_object_signing_alg_values_supported": names(client.Algorithms),
	}
}

// pushed is an authorization request that its client sent by itself.
type pushed struct {
	Client  string     `json:"client"`
	Form    url.Values `json:"form,omitempty"`
	Expires time.Time  `json:"expires"`
	Browser string     `json:"browser,omitempty"` // in which its sign-in began
	Used    bool       `json:"used,omitempty"`    // it was answered
}

// push takes an authorization request from its client (RFC 9126 §2): authenticated as at the token
// endpoint, held against all rules of the authorization endpoint at once, and kept under a name that
// says nothing and is answered once.
func (s *server) push(w http.ResponseWriter, r *http.Request) {
	uri, err := s.pushed(r.Context(), r)
	if err != nil {
		s.writeError(w, r, err)
		return
	}
	writeJSON(w, http.StatusCreated, map[string]any{"request_uri": uri, "expires_in": int(pushedLife.Seconds())})
}

func (s *server) pushed(ctx context.Context, r *http.Request) (string, error) {
	c, err := s.authenticate(ctx, r)
	if err != nil {
		return "", err
	}
	form := url.Values{}
	for name, v := range r.PostForm {
		if !strings.HasPrefix(name, "client_assertion") {
			form[name] = v
		}
	}
	form.Set("client_id", c.ID)
	if form.Has("request_uri") {
		return "", oidc.ErrInvalidRequest().WithDescription("a pushed request names no request_uri")
	}
	jkt, err := s.proof(ctx, false)
	if err != nil {
		return "", err
	}
	if form, err = s.opened(ctx, c, form); err == nil {
		err = bindTo(form, jkt)
	}
	if err == nil {
		err = s.pushable(c, form)
	}
	var no *refusal
	if errors.As(err, &no) {
		return "", no
	}
	if err != nil {
		return "", s.outage(ctx, err)
	}
	token := ident.NewToken(rand.Reader)
	if err := kv.PutJSON(ctx, s.KV, pushedKey(ident.Digest(token)), pushed{Client: c.ID, Form: form, Expires: s.Now().Add(pushedLife)}, pushedLife); err != nil {
		return "", s.outage(ctx, err)
	}
	return pushedPrefix + token, nil
}

// bindTo binds a pushed request to the key of the proof that it came with (RFC 9449 §10.1).
func bindTo(form url.Values, jkt string) error {
	if jkt == "" {
		return nil
	}
	if told := form.Get("dpop_jkt"); told != "" && told != jkt {
		return &refusal{"invalid_dpop_proof", "dpop_jkt names another key than the proof"}
	}
	form.Set("dpop_jkt", jkt)
	return nil
}

// pushable refuses what the authorization endpoint would refuse before it asks the person.
func (s *server) pushable(c *client.Client, form url.Values) error {
	if !c.Redirects(form.Get("redirect_uri")) {
		return &refusal{"invalid_request", "redirect_uri is not registered"}
	}
	_, err := s.question(c, form)
	return err
}

// request gives the parameters of an authorization request, however it comes: in the address, as
// an object that its client signed (RFC 9101), or pushed before (RFC 9126); then nothing else in the
// address counts, and pushed names it. Whatever is wrong here is a page, unless the address of the
// answer is known to be the client's.
func (s *server) request(r *http.Request) (c *client.Client, form url.Values, pushed string, err error) {
	ctx, form := r.Context(), r.Form
	c, err = s.Clients.ByID(ctx, form.Get("client_id"))
	if err != nil {
		return nil, nil, "", noClient(err)
	}
	if uri := form.Get("request_uri"); strings.HasPrefix(uri, pushedPrefix) {
		form, pushed, err = s.pulled(ctx, c, strings.TrimPrefix(uri, pushedPrefix), s.Browser.Bound(r))
		return c, form, pushed, err
	}
	c, form, err = s.carried(ctx, c, form)
	return c, form, "", err
}

// carried gives the parameters of a request that the address itself carries.
func (s *server) carried(ctx context.Context, c *client.Client, form url.Values) (*client.Client, url.Values, error) {
	if !c.Redirects(form.Get("redirect_uri")) && form.Get("request") == "" {
		return nil, nil, errRedirect
	}
	if c.RequirePushed {
		return s.refusedHere(c, form, &refusal{"invalid_request", "this client pushes its requests"})
	}
	inside, err := s.opened(ctx, c, form)
	var no *refusal
	if errors.As(err, &no) {
		return s.refusedHere(c, form, no)
	}
	if err == nil && !c.Redirects(inside.Get("redirect_uri")) {
		err = errRedirect
	}
	return c, inside, err
}

// refusedHere lets a refusal go to an address that is the client's beyond doubt; there is none when
// the address stands in an object that is not good.
func (s *server) refusedHere(c *client.Client, form url.Values, no *refusal) (*client.Client, url.Values, error) {
	if !c.Redirects(form.Get("redirect_uri")) {
		return nil, nil, errRedirect.Because(no)
	}
	return c, form, no
}
