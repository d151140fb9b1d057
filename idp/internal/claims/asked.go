package claims

import (
	"encoding/json"
	"slices"
)

// One is a claim that a service asks for by itself.
type One struct {
	Name      string `json:"name"`
	Essential bool   `json:"essential,omitempty"`
	// Values are those with which the claim is wanted, as JSON; none: with any. A claim that has
	// another value is not told.
	Values []string `json:"values,omitempty"`
}

// Wanted makes the request for a claim of what stands in a claims parameter; JSON of another form than
// a value's can be no claim's value.
func Wanted[T ~[]byte](name string, essential bool, values []T) (One, error) {
	one := One{Name: name, Essential: essential}
	for _, raw := range values {
		var v any
		if err := json.Unmarshal(raw, &v); err != nil {
			return one, err
		}
		again, err := json.Marshal(v) // one spelling for each value
		if err != nil {
			return one, err
		}
		one.Values = append(one.Values, string(again))
	}
	return one, nil
}

// Asked is what a service asks for beside its scopes, for each place where it is told.
type Asked struct {
	UserInfo []One `json:"userinfo,omitempty"`
	IDToken  []One `json:"id_token,omitempty"`
}

// Target is where claims are told.
type Target int

// The targets (OpenID Connect Core §5.5).
const (
	UserInfo Target = iota
	IDToken
)

// Only keeps what keep lets through, each claim once for each target.
func (a Asked) Only(keep func(name string) bool) Asked {
	return Asked{UserInfo: only(a.UserInfo, keep), IDToken: only(a.IDToken, keep)}
}

func only(list []One, keep func(string) bool) (out []One) {
	for _, one := range list {
		if keep(one.Name) && !slices.ContainsFunc(out, func(o One) bool { return o.Name == one.Name }) {
			out = append(out, one)
		}
	}
	return out
}

// at gives what is asked for at a target.
func (a Asked) at(t Target) []One {
	if t == IDToken {
		return a.IDToken
	}
	return a.UserInfo
}

// Has reports whether a claim is asked for anywhere.
func (a Asked) Has(name string) bool {
	return slices.ContainsFunc(slices.Concat(a.UserInfo, a.IDToken), func(one One) bool { return one.Name == name })
}

// Essential reports whether the service cannot do without a claim.
func (a Asked) Essential(name string) bool {
	return slices.ContainsFunc(slices.Concat(a.UserInfo, a.IDToken), func(one One) bool { return one.Name == name && one.Essential })
}

// Told gives of a person what is told at a target: the claims of the granted scopes, and those that
// were asked for by themselves.
func (a Asked) Told(t Target, granted func(scope string) bool, p Person) Person {
	asked := a.at(t)
	for _, c := range table {
		if granted(c.scope) {
			continue
		}
		i := slices.IndexFunc(asked, func(one One) bool { return one.Name == c.name })
		if i < 0 || len(asked[i].Values) > 0 && !p.is(c, asked[i].Values) {
			c.drop(&p)
		}
	}
	return p
}
