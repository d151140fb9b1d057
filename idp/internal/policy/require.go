package policy

import (
	"slices"
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
	Minimum      Strength       // the service's registered minimum (default_acr_values)
	MaxAge       *time.Duration // max_age, or the client's default_max_age; nil when absent
	PromptLogin  bool           // prompt=login
	AlwaysMFA    bool           // the person's own "Always require multi-factor authentication"
	At           time.Time      // when the request came in
}

// Require turns a request into a requirement. Unknown acr_values are ignored; an essential
// acr of which none is known is ErrUnmet. Of several essential values the first is wanted and
// any is enough (OpenID Connect Core §5.5.1.1).
func Require(a Asked) (Requirement, error) {
	req := Requirement{Floor: a.Minimum.Join(Strength{Level: Basic}), MaxAge: -1, Asked: slices.Concat(a.EssentialACR, a.ACRValues)}
	if a.Minimum.Resistance > Phishable { // who registers for it hears of it by name, also at each refresh
		req.Asked = slices.Concat(names(a.Minimum), req.Asked)
	}
	if a.AlwaysMFA {
		req = req.Strengthen(Medium)
	}
	for _, v := range a.EssentialACR {
		if s, ok := StrengthOf(v); ok {
			req.AnyOf = append(req.AnyOf, s)
		}
	}
	if len(a.EssentialACR) > 0 && len(req.AnyOf) == 0 {
		return Requirement{}, ErrUnmet
	}
	req.Wanted = req.Floor
	for _, values := range [][]string{a.EssentialACR, a.ACRValues} {
		if s, ok := first(values); ok {
			req.Wanted = req.Wanted.Join(s)
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
	r.Floor = r.Floor.Join(Strength{Level: floor})
	r.Wanted = r.Wanted.Join(r.Floor)
	return r
}

// Enough reports whether a strength is not refused.
func (r Requirement) Enough(s Strength) bool {
	return s.Covers(r.Floor) && (len(r.AnyOf) == 0 || slices.ContainsFunc(r.AnyOf, s.Covers))
}

// Accepts reports whether a proof by this method, with knowledge where it brings none itself,
// is enough.
func (r Requirement) Accepts(m Method) bool {
	row, ok := lookup(m)
	return ok && (r.Enough(row.strength) || r.Recovery && row.kind == recovery && r.Enough(Strength{Level: Medium}))
}

// Grants reports whether a proof by this method brings what is wanted.
func (r Requirement) Grants(m Method) bool {
	row, ok := lookup(m)
	wanted := r.Wanted.Join(r.Floor)
	return ok && (row.strength.Covers(wanted) || r.Recovery && row.kind == recovery && wanted == Strength{Level: Medium})
}

func first(values []string) (Strength, bool) {
	for _, v := range values {
		if s, ok := StrengthOf(v); ok {
			return s, true
		}
	}
	return Strength{}, false
}
