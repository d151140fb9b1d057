package login

import (
	"encoding/json"

	"eulogin.example/idp/internal/consent"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
)

// What a flow is for.
const (
	KindAuthorize = "authorize" // a service asked, by OpenID Connect
	KindAccount   = "account"   // a page of My account
	KindRecover   = "recover"   // a second factor before a lost password is replaced; signs nobody in
	KindLost      = "lost"      // the password before a lost second factor is given up; signs nobody in
)

// The refusals that a service hears of (OpenID Connect Core §3.1.2.6 and Unmet
// Authentication Requirements 1.0).
const (
	RefusedByPerson = "access_denied"
	RefusedUnmet    = "unmet_authentication_requirements"
	RefusedNoLogin  = "login_required" // the session ended between sign-in and outcome
)

// Request is what was asked of the sign-in.
type Request struct {
	Kind         string             `json:"kind"`
	ClientID     string             `json:"client_id,omitempty"`
	ClientName   string             `json:"client_name,omitempty"`
	ReturnURL    string             `json:"return_url"`              // path at idp; "id=<flow>" is added for authorize and recover
	ReturnOrigin string             `json:"return_origin,omitempty"` // where the browser ends up, for CSP form-action
	Release      *consent.Release   `json:"release,omitempty"`       // what the service asks for; nil: no service asks
	Groups       []string           `json:"groups,omitempty"`        // only their members may finish; none: everybody
	Contacts     []string           `json:"contacts,omitempty"`      // whom the others ask
	Requirement  policy.Requirement `json:"requirement"`
	LoginHint    string             `json:"login_hint,omitempty"`
	Locale       string             `json:"locale,omitempty"`
	Account      ident.AccountID    `json:"account,omitempty"` // fixed: only this person may finish (id_token_hint, recover)
	Opaque       json.RawMessage    `json:"opaque,omitempty"`  // the provider's own request
}

// Outcome is how a sign-in ended.
type Outcome struct {
	Request  Request
	Refused  string // OIDC error code, or ""
	Session  session.Session
	Account  ident.AccountID
	Decision policy.Decision
	Proofs   []policy.Proof // those of the session; for recover those of this flow
	Agreed   *consent.Agreement
}
