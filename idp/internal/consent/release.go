package consent

import (
	"slices"
	"time"

	"eulogin.example/idp/internal/claims"
)

// Entries of the ledger that are no claims about a person.
const (
	Identity = "sub"            // who somebody is; always told, and the entry of the service as a whole
	Offline  = "offline_access" // access while the person is away
)

// Item is one thing that a service asks for.
type Item struct {
	Claim     string `json:"claim"`
	Essential bool   `json:"essential,omitempty"` // the service cannot do without; the person cannot leave it out alone
}

// Release is what a service asks for at a sign-in, and what the page about it says beside.
type Release struct {
	Items   []Item        `json:"items"`
	Always  bool          `json:"always,omitempty"`  // the service wants the person to be asked (prompt=consent)
	Person  bool          `json:"person,omitempty"`  // people agree to this service; else operators did
	Offline time.Duration `json:"offline,omitempty"` // how long access lasts without the person
	Details []Detail      `json:"details,omitempty"` // what it asks to be allowed; the person is asked each time
	URI     string        `json:"uri,omitempty"`     // of the service
	Policy  string        `json:"policy,omitempty"`
	Terms   string        `json:"terms,omitempty"`
}

// Items gives what scopes and single claims ask for, in the order in which people read it. Whether an
// address or a number was confirmed goes with the address or the number. Scopes of other kinds, such as
// Offline and those of APIs, stand for themselves.
func Items(scopes []string, asked claims.Asked) []Item {
	out := []Item{{Claim: Identity, Essential: true}}
	granted := func(scope string) bool { return slices.Contains(scopes, scope) }
	wanted := func(name string) bool { return granted(claims.Scope(name)) || asked.Has(name) }
	for _, name := range claims.Names() {
		if about := claims.About(name); wanted(name) && (about == "" || !wanted(about)) {
			out = append(out, Item{Claim: name, Essential: asked.Essential(name)})
		}
	}
	for _, scope := range scopes {
		if scope != "openid" && !slices.ContainsFunc(claims.Names(), func(name string) bool { return claims.Scope(name) == scope }) {
			out = append(out, Item{Claim: scope})
		}
	}
	return out
}

// Agreement is what a person decided on a page.
type Agreement struct {
	At      time.Time `json:"at"`
	Without []string  `json:"without,omitempty"` // what the service is not told, or may not do
}

// Agree makes the agreement of somebody who ticked these; what is essential goes with agreeing at all.
func (r Release) Agree(at time.Time, ticked []string) *Agreement {
	a := &Agreement{At: at}
	for _, i := range r.Items {
		if !i.Essential && !slices.Contains(ticked, i.Claim) {
			a.Without = append(a.Without, i.Claim)
		}
	}
	return a
}
