package provider

import (
	"context"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"eulogin.example/idp/internal/claims"
	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/grant"
	"eulogin.example/idp/internal/ident"
)

// asked is what the answer to an authorization request needs; it is kept in the sign-in.
type asked struct {
	Client      string         `json:"client"`
	RedirectURI string         `json:"redirect_uri"`
	Mode        string         `json:"response_mode,omitempty"`
	State       string         `json:"state"`
	Nonce       string         `json:"nonce"`
	Challenge   string         `json:"challenge"`
	Scopes      []string       `json:"scopes"`
	Resources   []string       `json:"resources,omitempty"` // RFC 8707
	Details     []grant.Detail `json:"authorization_details,omitempty"`
	Claims      claims.Asked   `json:"claims,omitzero"`
	JKT         string         `json:"dpop_jkt,omitempty"`
	At          time.Time      `json:"-"`                 // of the approval
	Consent     bool           `json:"consent,omitempty"` // prompt=consent
	Pushed      string         `json:"pushed,omitempty"`  // reference of the pushed request that it came by (RFC 9126)
	Subject     string         `json:"subject,omitempty"` // the claims parameter asks for this person
}

// question is an authorization request that was read (OpenID Connect Core §3.1.2.1).
type question struct {
	asked
	client    *client.Client
	prompts   []string
	maxAge    *time.Duration
	acrValues []string
	claims    claimsAsked
	hint      string // id_token_hint
	loginHint string
	locales   string // ui_locales
}

// prompted reports whether the request has this prompt value.
func (q question) prompted(value string) bool { return slices.Contains(q.prompts, value) }

// prompts are the values of prompt that mean something here.
var prompts = []string{"none", "login", "select_account", "consent"}

var (
	// challengeShape is an S256 challenge: 43 characters of base64url (RFC 7636 §4.2).
	challengeShape = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)
	// scopeShape is a list of scope tokens (RFC 6749 §3.3).
	scopeShape = regexp.MustCompile(`^[\x21\x23-\x5B\x5D-\x7E]+( +[\x21\x23-\x5B\x5D-\x7E]+)*$`)
)

// Limits of what is kept or compared, in bytes.
const (
	stateLimit = 1024
	scopeLimit = 1024
	hintLimit  = ident.MaxEmail
)

// asking finds who asks, and holds the address of the answer against the registered ones,
// byte for byte. Its errors are pages.
func (s *server) asking(ctx context.Context, clientID, redirectURI string) (*client.Client, error) {
	c, err := s.Clients.ByID(ctx, clientID)
	if err != nil {
		return nil, noClient(err)
	}
	if !c.Redirects(redirectURI) {
		return nil, errRedirect
	}
	return c, nil
}

// read reads a request of a known client whose address is good. Whatever it refuses is sent
// to that address; the question then holds what the answer needs. It is pure.
func read(c *client.Client, form url.Values) (question, error) {
	q := question{
		asked:  asked{Client: c.ID, RedirectURI: form.Get("redirect_uri"), Challenge: form.Get("code_challenge"), JKT: form.Get("dpop_jkt")},
		client: c, prompts: strings.Fields(form.Get("prompt")), acrValues: strings.Fields(form.Get("acr_values")), hint: form.Get("id_token_hint"), locales: form.Get("ui_locales"),
	}
	if len(form.Get("state")) > stateLimit || len(form.Get("nonce")) > stateLimit {
		return q, &refusal{"invalid_request", "state and nonce have at most 1024 bytes"}
	}
	q.Consent = q.prompted("consent")
	q.State, q.Nonce = form.Get("state"), form.Get("nonce")
	if form.Get("response_mode") == formPost {
		q.Mode = formPost // also for what is wrong in the rest
	}
	if err := acceptable(c, q, form); err != nil {
		return q, err
	}
	q.Scopes = granted(c, strings.Fields(form.Get("scope")))
	if raw := form.Get("max_age"); raw != "" {
		n, err := strconv.ParseUint(raw, 10, 31)
		if err != nil {
			return q, &refusal{"invalid_request", "max_age is a number of seconds"}
		}
		age := time.Duration(n) * time.Second
		q.maxAge = &age
	}
	if len(form.Get("login_hint")) <= hintLimit {
		q.loginHint = form.Get("login_hint")
	}
	var err error
	if q.claims, err = readClaims(form.Get("claims")); err != nil {
		return q, &refusal{"invalid_request", "the claims parameter is not a JSON object as OpenID Connect Core 5.5 has it"}
	}
	q.Subject, q.Claims = q.claims.subject, allowed(c, q.claims.person)
	return q, nil
}

// question reads a request and holds its resources and details against those that are registered.
func (s *server) question(c *client.Client, form url.Values) (question, error) {
	q, err := read(c, form)
	if err != nil {
		return q, err
	}
	if q.Resources, err = s.aimed(c, form["resource"]); err == nil {
		q.Details, q.Resources, err = s.details(c, form.Get("authorization_details"), q.Resources)
	}
	if no := refusedTarget(err); no != nil {
		return q, &refusal{string(no.ErrorType), no.Description}
	}
	return q, err
}

// acceptable refuses what is not offered: another response than a code by query or form (D22), no
// PKCE or another than S256 (D1 to D3), objects at addresses (D10), unknown prompts.
func acceptable(c *client.Client, q question, form url.Values) error {
	unknown := func(p string) bool { return !slices.Contains(prompts, p) }
	for _, r := range []struct {
		wrong             bool
		code, description string
	}{
		{form.Get("request_uri") != "", "request_uri_not_supported", "only pushed requests have one here"},
		{form.Get("registration") != "", "registration_not_supported", ""},
		{form.Get("response_type") == "", "invalid_request", "response_type is missing"},
		{form.Get("response_type") != "code", "unsupported_response_type", "response_type must be code"},
		{form.Get("response_mode") != "" && !slices.Contains(responseModes, form.Get("response_mode")), "invalid_request", "response_mode must be query or form_post"},
		{!challenged(q, form) && (!c.MayLeavePKCE() || form.Has("code_challenge") || form.Has("code_challenge_method")), "invalid_request", "PKCE with code_challenge_method S256 is required"},
		{q.JKT != "" && !challengeShape.MatchString(q.JKT), "invalid_request", "dpop_jkt is the SHA-256 thumbprint of a key (RFC 7638)"},
		{len(form.Get("scope")) > scopeLimit || !scopeShape.MatchString(form.Get("scope")), "invalid_scope", "scope is missing or malformed"},
		{!slices.Contains(strings.Fields(form.Get("scope")), "openid"), "invalid_scope", "scope must contain openid"},
		{slices.ContainsFunc(q.prompts, unknown), "invalid_request", "prompt has a value that is not supported"},
		{q.prompted("none") && len(q.prompts) > 1, "invalid_request", "prompt none stands alone"},
	} {
		if r.wrong {
			return &refusal{r.code, r.description}
		}
	}
	return nil
}

// challenged reports whether a request uses PKCE as it is offered (RFC 7636 §4.3).
func challenged(q question, form url.Values) bool {
	return form.Get("code_challenge_method") == "S256" && challengeShape.MatchString(q.Challenge)
}

// granted keeps of the scopes those that the client registered, each once.
func granted(c *client.Client, scopes []string) (out []string) {
	for _, sc := range scopes {
		if c.MayAsk(sc) && !slices.Contains(out, sc) {
			out = append(out, sc)
		}
	}
	return out
}
