package provider

import (
	"context"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/grant"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	"eulogin.example/proto/kit/fault"
)

// challengeShape is an S256 challenge: 43 characters of base64url (RFC 7636 §4.2).
var challengeShape = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// asked is an authorization request as it is kept in the sign-in.
type asked struct {
	Client      string   `json:"client"`
	RedirectURI string   `json:"redirect_uri"`
	State       string   `json:"state"`
	Nonce       string   `json:"nonce"`
	Challenge   string   `json:"challenge"`
	Scopes      []string `json:"scopes"`
}

// VerifyAuthRequest checks who asks and where the answer would go. Its refusals are pages:
// nothing is ever redirected to an address that is not registered (security case 13).
func (s *server) VerifyAuthRequest(ctx context.Context, r *op.Request[oidc.AuthRequest]) (*op.ClientRequest[oidc.AuthRequest], error) {
	c, err := s.Clients.ByID(ctx, r.Data.ClientID)
	if err != nil {
		return nil, s.refused(ctx, err, oidc.ErrInvalidRequestRedirectURI().WithDescription("%s", fault.CodeOf(errClient)))
	}
	if !c.Redirects(r.Data.RedirectURI) {
		return nil, oidc.ErrInvalidRequestRedirectURI().WithDescription("%s", fault.CodeOf(errRedirect))
	}
	return &op.ClientRequest[oidc.AuthRequest]{Request: r, Client: opClient{c}}, nil
}

// Authorize answers a request: with a code when the living session already satisfies it, with
// an error, or with the sign-in.
func (s *server) Authorize(ctx context.Context, cr *op.ClientRequest[oidc.AuthRequest]) (*op.Redirect, error) {
	c := cr.Client.(opClient).c
	if err := acceptable(cr.Data, cr.Form); err != nil {
		return nil, err
	}
	ask := asked{
		Client: c.ID, RedirectURI: cr.Data.RedirectURI, State: cr.Data.State, Nonce: cr.Data.Nonce,
		Challenge: cr.Data.CodeChallenge, Scopes: granted(c, cr.Data.Scopes),
	}
	req, err := s.requirement(c, cr)
	if err != nil {
		return nil, err
	}
	x := exchange(ctx)
	sess, living, err := s.Browser.Session(x.r)
	if err != nil {
		return nil, s.outage(ctx, err)
	}
	hinted, err := s.hinted(cr.Data.IDTokenHint)
	if err != nil {
		return nil, err
	}
	if living && (hinted == "" || hinted == sess.Account) {
		to, err := s.straight(ctx, ask, req, sess)
		if err != nil || to != "" {
			return op.NewRedirect(to), err
		}
	}
	if slices.Contains(cr.Data.Prompt, oidc.PromptNone) {
		if living && (hinted == "" || hinted == sess.Account) && policy.Evaluate(sess.Proofs, policy.Anyone(), s.Now()).Met {
			return nil, &oidc.Error{ErrorType: "interaction_required", Description: "more proof is needed"}
		}
		return nil, oidc.ErrLoginRequired()
	}
	return s.interact(ctx, ask, req, c, cr, sess, living, hinted)
}

// acceptable refuses what is not offered: no PKCE or another than S256 (D1–D3), request
// objects (D10), response modes and types.
func acceptable(r *oidc.AuthRequest, form url.Values) error {
	switch {
	case r.ResponseType != oidc.ResponseTypeCode:
		return &oidc.Error{ErrorType: "unsupported_response_type"}
	case r.ResponseMode != "" && r.ResponseMode != oidc.ResponseModeQuery:
		return oidc.ErrInvalidRequest().WithDescription("response_mode must be query")
	case form.Get("request") != "":
		return &oidc.Error{ErrorType: "request_not_supported"}
	case form.Get("request_uri") != "":
		return &oidc.Error{ErrorType: "request_uri_not_supported"}
	case form.Get("registration") != "":
		return &oidc.Error{ErrorType: "registration_not_supported"}
	case r.CodeChallengeMethod != oidc.CodeChallengeMethodS256 || !challengeShape.MatchString(r.CodeChallenge):
		return oidc.ErrInvalidRequest().WithDescription("PKCE with code_challenge_method S256 is required")
	case !slices.Contains(r.Scopes, oidc.ScopeOpenID):
		return oidc.ErrInvalidScope().WithDescription("scope must contain openid")
	case len(r.State) > 1024 || len(r.Nonce) > 1024:
		return oidc.ErrInvalidRequest().WithDescription("state and nonce have at most 1024 characters")
	case slices.Contains(r.Prompt, oidc.PromptNone) && len(r.Prompt) > 1:
		return oidc.ErrInvalidRequest().WithDescription("prompt none stands alone")
	}
	return nil
}

// granted keeps of the scopes those that the client registered, each once.
func granted(c *client.Client, scopes []string) (out []string) {
	for _, sc := range scopes {
		if (opClient{c}).IsScopeAllowed(sc) && !slices.Contains(out, sc) {
			out = append(out, sc)
		}
	}
	return out
}

// requirement turns the request into what the sign-in must reach.
func (s *server) requirement(c *client.Client, cr *op.ClientRequest[oidc.AuthRequest]) (policy.Requirement, error) {
	essential, err := essentialACR(cr.Form.Get("claims"))
	if err != nil {
		return policy.Requirement{}, oidc.ErrInvalidRequest().WithDescription("the claims parameter is no JSON object as OpenID Connect Core §5.5 has it")
	}
	a := policy.Asked{
		ACRValues: cr.Data.ACRValues, EssentialACR: essential, Minimum: c.Minimum(),
		PromptLogin: slices.Contains(cr.Data.Prompt, oidc.PromptLogin), At: s.Now(),
	}
	// The library turns prompt=login into max_age=0; the form says what the client wrote.
	if cr.Form.Get("max_age") != "" && cr.Data.MaxAge != nil {
		age := time.Duration(min(*cr.Data.MaxAge, 1<<30)) * time.Second
		a.MaxAge = &age
	}
	req, err := policy.Require(a)
	if err != nil {
		return req, &oidc.Error{ErrorType: login.RefusedUnmet, Description: "no acr that was asked for as essential can be reached here"}
	}
	return req, nil
}

// hinted gives the account of an id_token_hint. A hint that cannot be read counts as none.
func (s *server) hinted(hint string) (ident.AccountID, error) {
	if hint == "" {
		return "", nil
	}
	var c idToken
	if err := s.Ring.Verify(hint, "JWT", &c); err != nil || c.Issuer != s.Issuer {
		return "", nil
	}
	return ident.AccountID(c.Subject), nil
}

// straight gives the answer with a code when the living session is enough, "" when not.
func (s *server) straight(ctx context.Context, ask asked, req policy.Requirement, sess session.Session) (string, error) {
	acc, err := s.Accounts.ByID(ctx, sess.Account)
	if err != nil || !acc.Usable() {
		if fault.KindOf(err) == fault.NotFound || err == nil {
			return "", nil
		}
		return "", s.outage(ctx, err)
	}
	if acc.AlwaysMFA {
		req = req.Strengthen(policy.Medium)
	}
	d := policy.Evaluate(sess.Proofs, req, s.Now())
	if !d.Full {
		return "", nil
	}
	return s.answer(ctx, ask, sess, d)
}

// answer makes the code and the address to send it to.
func (s *server) answer(ctx context.Context, ask asked, sess session.Session, d policy.Decision) (string, error) {
	if !slices.Contains(sess.Clients, ask.Client) {
		if err := s.Sessions.AddClient(ctx, sess.ID, ask.Client); err != nil {
			return "", s.outage(ctx, err)
		}
	}
	code, err := s.Grants.IssueCode(ctx, grant.Code{
		Approval: grant.Approval{
			Client: ask.Client, Account: sess.Account, SID: sess.ID, Scopes: ask.Scopes, ACR: d.ACR, AMR: d.AMR, AuthTime: d.AuthTime,
		},
		RedirectURI: ask.RedirectURI, Challenge: ask.Challenge, Nonce: ask.Nonce,
	})
	if err != nil {
		return "", s.outage(ctx, err)
	}
	return withQuery(ask.RedirectURI, url.Values{"code": {code}, "state": {ask.State}, "iss": {s.Issuer}}), nil
}

// interact begins a sign-in and sends the browser to it.
func (s *server) interact(ctx context.Context, ask asked, req policy.Requirement, c *client.Client, cr *op.ClientRequest[oidc.AuthRequest], sess session.Session, living bool, hinted ident.AccountID) (*op.Redirect, error) {
	opaque, err := json.Marshal(ask)
	if err != nil {
		return nil, s.outage(ctx, err)
	}
	r := login.Request{
		Kind: login.KindAuthorize, ClientID: c.ID, ClientName: c.Name, ReturnURL: callbackPath, ReturnOrigin: ask.RedirectURI,
		Requirement: req, LoginHint: short(cr.Data.LoginHint), Account: hinted, Opaque: opaque,
	}
	if len(cr.Data.UILocales) > 0 {
		r.Locale = cr.Data.UILocales[0].String()
	}
	var offer *session.Session
	if living && !slices.Contains(cr.Data.Prompt, oidc.PromptSelectAccount) {
		offer = &sess
	}
	x := exchange(ctx)
	flow, err := s.Login.Begin(ctx, r, s.Browser.Binding(x.w, x.r), offer)
	if err != nil {
		return nil, s.outage(ctx, err)
	}
	return op.NewRedirect("/login?flow=" + flow), nil
}

// short keeps a login_hint from being a novel.
func short(s string) string {
	if len(s) > ident.MaxEmail {
		return ""
	}
	return s
}

// withQuery adds parameters to a registered address; empty ones are left out.
func withQuery(address string, add url.Values) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	q := u.Query()
	for k, v := range add {
		if v[0] != "" {
			q.Set(k, v[0])
		}
	}
	u.RawQuery = q.Encode()
	return u.String()
}
