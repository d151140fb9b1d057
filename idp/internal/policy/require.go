package policy

import (
	"time"

	"eulogin.example/proto/kit/fault"
)

// ErrUnmet says that an essential acr cannot be reached here at all; the OIDC edge answers
// `unmet_authentication_requirements` (OpenID Connect Core Unmet Authentication
// Requirements 1.0).
var ErrUnmet = fault.New(fault.Denied, "policy.unmet_authentication_requirements")

// Asked is what a service's request says about authentication.
type Asked struct {
	ACRValues    []string       // voluntary, in order of preference
	EssentialACR []string       // claims parameter with essential acr; any one of them must be met
	Minimum      Level          // the service's registered minimum (default_acr_values)
	MaxAge       *time.Duration // max_age, nil when absent
	PromptLogin  bool           // prompt=login
	AlwaysMFA    bool           // the person's own "Always require multi-factor authentication"
	At           time.Time      // when the request came in
}

// Require turns a request into a requirement. Unknown acr_values are ignored; an essential
// acr of which none is known is ErrUnmet. Of several essential values the first is wanted and
// the least is enough (OpenID Connect Core §5.5.1.1).
func Require(a Asked) (Requirement, error) {
	req := Requirement{Floor: max(a.Minimum, Basic), MaxAge: -1}
	if a.AlwaysMFA {
		req.Floor = max(req.Floor, Medium)
	}
	if len(a.EssentialACR) > 0 {
		l, ok := least(a.EssentialACR)
		if !ok {
			return Requirement{}, ErrUnmet
		}
		req.Floor = max(req.Floor, l)
	}
	req.Wanted = req.Floor
	for _, values := range [][]string{a.EssentialACR, a.ACRValues} {
		if l, ok := first(values); ok {
			req.Wanted = max(req.Wanted, l)
		}
	}
	if a.MaxAge != nil {
		req.MaxAge = max(*a.MaxAge, 0)
	}
	if a.PromptLogin || (a.MaxAge != nil && *a.MaxAge <= 0) {
		req.Since = a.At
	}
	return req, nil
}

// Strengthen adds a person's own wish to a service's requirement.
func (r Requirement) Strengthen(floor Level) Requirement {
	r.Floor = max(r.Floor, floor)
	r.Wanted = max(r.Wanted, r.Floor)
	return r
}

func first(values []string) (Level, bool) {
	for _, v := range values {
		if l, ok := LevelOf(v); ok {
			return l, true
		}
	}
	return None, false
}

// least is the weakest level that values name.
func least(values []string) (weakest Level, ok bool) {
	for _, v := range values {
		if l, known := LevelOf(v); known && (!ok || l < weakest) {
			weakest, ok = l, true
		}
	}
	return weakest, ok
}
