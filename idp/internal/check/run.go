package check

import (
	"time"

	"eulogin.example/idp/internal/ident"
)

// Life is how long a run, its keys and all that it gave are there.
const Life = time.Hour

// Run is one check of one client. It is kept under the digest of its id, which opens it.
type Run struct {
	Client  string    `json:"client"`
	Expires time.Time `json:"expires"`
	Subject string    `json:"sub"`               // of the person that there is not
	Playing string    `json:"playing,omitempty"` // case that answers the next authorization request
	Rotated bool      `json:"rotated,omitempty"` // the second key is published, and signs
	SID     string    `json:"sid,omitempty"`     // of the last sign-in that was a good one
	Keys    []Key     `json:"keys"`
	// Seen is what happened, by case.
	Seen map[string]*Seen `json:"seen"`
}

// Seen is what is known of a case since it was begun.
type Seen struct {
	Begun    time.Time `json:"begun"`
	Missing  Need      `json:"missing,omitempty"`  // what the service did not give, so that nothing could be played
	Asked    Asked     `json:"asked,omitzero"`     // the authorization request
	Answered time.Time `json:"answered,omitzero"`  // when it was answered
	Code     string    `json:"code,omitempty"`     // digest of the code
	Redeemed bool      `json:"redeemed,omitempty"` // the code was brought to the token endpoint
	Access   string    `json:"access,omitempty"`   // digest of the access token
	Informed bool      `json:"informed,omitempty"` // it was used at userinfo
	Status   int       `json:"status,omitempty"`   // HTTP status of the service's answer to a logout token
	Unheard  bool      `json:"unheard,omitempty"`  // its address could not be reached
	Told     Told      `json:"told,omitempty"`
}

// Told is what the developer says: whether the service signed the person in.
type Told string

// The answers.
const (
	SignedIn Told = "yes"
	Refused  Told = "no"
)

// Asked is what an answer needs of an authorization request.
type Asked struct {
	RedirectURI string   `json:"redirect_uri"`
	State       string   `json:"state,omitempty"`
	Nonce       string   `json:"nonce,omitempty"`
	Challenge   string   `json:"challenge"`
	Scopes      []string `json:"scopes"`
	ACR         string   `json:"acr,omitempty"`     // that was wished for first
	MaxAge      *int64   `json:"max_age,omitempty"` // seconds
}

// play begins a case anew.
func (r *Run) play(c Case, now time.Time) {
	if r.Seen == nil {
		r.Seen = map[string]*Seen{}
	}
	r.Seen[c.ID] = &Seen{Begun: now}
	r.Playing = ""
	if c.Part != Logout {
		r.Playing = c.ID
	}
	r.Rotated = r.Rotated || c.ID == "rotation"
}

// answer notes the request that the case that is being played answers. It gives the case; what the
// service does not ask for cannot be answered wrongly, and is noted as missing.
func (r *Run) answer(a Asked, code string, now time.Time) (Case, bool) {
	c, ok := CaseOf(r.Playing)
	if !ok || r.Seen[c.ID] == nil {
		return Case{}, false
	}
	r.Playing = ""
	s := r.Seen[c.ID]
	s.Asked, s.Answered, s.Missing = a, now, missing(c, a)
	if s.Missing == Nothing && c.ID != "error" {
		s.Code = ident.Digest(code)
	}
	return c, true
}

// missing says what a request lacks for a case.
func missing(c Case, a Asked) Need {
	lacks := map[Need]bool{NeedState: a.State == "", NeedNonce: a.Nonce == "", NeedACR: lower(a.ACR) == "", NeedMaxAge: a.MaxAge == nil}
	if lacks[c.Need] {
		return c.Need
	}
	return Nothing
}

// redeem notes that a code was brought. Good reports whether tokens are given for it: once, for the
// request that it answered.
func (r *Run) redeem(code, redirect, challenge, access string) (c Case, good bool) {
	for _, c := range Cases {
		s := r.Seen[c.ID]
		if s == nil || s.Code == "" || !ident.Same(s.Code, ident.Digest(code)) {
			continue
		}
		again := s.Redeemed
		s.Redeemed = true
		if again || c.ID == "code-foreign" || redirect != s.Asked.RedirectURI || !ident.Same(challenge, s.Asked.Challenge) {
			return c, false
		}
		s.Access = ident.Digest(access)
		return c, true
	}
	return Case{}, false
}

// inform notes that an access token was used at userinfo.
func (r *Run) inform(access string) (c Case, good bool) {
	for _, c := range Cases {
		if s := r.Seen[c.ID]; s != nil && s.Access != "" && ident.Same(s.Access, ident.Digest(access)) {
			s.Informed = true
			return c, true
		}
	}
	return Case{}, false
}
