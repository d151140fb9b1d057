package login

import (
	"encoding/json"
	"time"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/proto/kit/fault"
)

// TTL is how long a person may take for one sign-in, enrolment of a first phone and a mailed
// link on the way included.
const TTL = time.Hour

// What a flow is for.
const (
	KindAuthorize = "authorize" // a service asked, by OpenID Connect
	KindAccount   = "account"   // a page of My account
	KindRecover   = "recover"   // a second factor before a lost password is replaced; signs nobody in
)

// The refusals that a service hears of (OpenID Connect Core §3.1.2.6 and Unmet
// Authentication Requirements 1.0).
const (
	RefusedByPerson = "access_denied"
	RefusedUnmet    = "unmet_authentication_requirements"
)

// Request is what was asked of the sign-in.
type Request struct {
	Kind         string             `json:"kind"`
	ClientID     string             `json:"client_id,omitempty"`
	ClientName   string             `json:"client_name,omitempty"`
	ReturnURL    string             `json:"return_url"`              // path at idp; "id=<flow>" is added for authorize and recover
	ReturnOrigin string             `json:"return_origin,omitempty"` // where the browser ends up, for CSP form-action
	Requirement  policy.Requirement `json:"requirement"`
	LoginHint    string             `json:"login_hint,omitempty"`
	Locale       string             `json:"locale,omitempty"`
	Account      ident.AccountID    `json:"account,omitempty"` // fixed: only this person may finish (id_token_hint, recover)
	Opaque       json.RawMessage    `json:"opaque,omitempty"`  // the provider's own request
}

// Pending is one challenge under way.
type Pending struct {
	Method    policy.Method     `json:"method"`
	ID        string            `json:"id"`
	ExpiresAt time.Time         `json:"expires"`
	Show      map[string]string `json:"show,omitempty"` // what the page shows, for example "number"
}

// Flow is one sign-in under way in one browser. It is changed only by compare-and-swap.
type Flow struct {
	ID      string          `json:"id"`
	Request Request         `json:"request"`
	Browser string          `json:"browser"` // digest of the binding cookie
	Email   string          `json:"email,omitempty"`
	Account ident.AccountID `json:"account,omitempty"` // "" until somebody known is named; pages must not show the difference
	// Session is the living session that the flow began with; its proofs count while it lives.
	Session string         `json:"session,omitempty"`
	Carried []policy.Proof `json:"carried,omitempty"`
	Proofs  []policy.Proof `json:"proofs,omitempty"` // shown in this flow
	Method  policy.Method  `json:"method,omitempty"` // chosen verification method
	Pending *Pending       `json:"pending,omitempty"`
	Failed  string         `json:"failed,omitempty"` // how the last challenge ended: denied, expired
	Refused string         `json:"refused,omitempty"`
	SID     string         `json:"sid,omitempty"` // set when finished
	Begun   time.Time      `json:"begun"`
}

// All gives the proofs that count.
func (f *Flow) All() []policy.Proof {
	return append(append([]policy.Proof{}, f.Carried...), f.Proofs...)
}

// finished reports whether the flow has its outcome.
func (f *Flow) finished() bool { return f.SID != "" || f.Refused != "" }

var (
	// ErrUnknown: no such sign-in, or it took too long.
	ErrUnknown = fault.New(fault.Gone, "login.flow_unknown")
	// ErrOtherBrowser: the sign-in was begun elsewhere (security case 2).
	ErrOtherBrowser = fault.New(fault.Denied, "login.other_browser")
	// ErrPast: this step is not allowed now.
	ErrPast = fault.New(fault.Conflict, "login.already_past")
	// ErrUnfinished: the outcome was asked for too early.
	ErrUnfinished = fault.New(fault.Conflict, "login.unfinished")
)
