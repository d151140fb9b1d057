// Package told says in a person's language what a service is told: the names of claims, and their
// values.
package told

import (
	"fmt"
	"strings"

	"eulogin.example/idp/internal/claims"
	"eulogin.example/idp/internal/consent"
	"eulogin.example/proto/kit/page"
)

// Line is one thing that a service may know or do.
type Line struct{ Claim, Name, Value string }

// Words turns entries of the ledger into lines for one person.
type Words struct {
	Site    *page.Site
	Lang    string
	Person  claims.Person
	Subject string // by which the service knows the person
	Offline string // what is said of access while the person is away
}

// Line gives the line of a claim.
func (w Words) Line(claim string) Line {
	return Line{Claim: claim, Name: w.name(claim), Value: w.value(claim)}
}

func (w Words) name(claim string) string {
	switch {
	case claim == claims.Assurance: // its name is an address
		claim = "assurance_level"
	case claim == claims.Groups: // likewise
		claim = "groups"
	case api(claim):
		claim = "api"
	}
	return w.Site.T(w.Lang, "told.claim."+claim)
}

// api reports whether an entry is the scope of another service.
func api(claim string) bool {
	return claim != consent.Identity && claim != consent.Offline && claims.Scope(claim) == ""
}

func (w Words) value(claim string) string {
	switch claim {
	case consent.Identity:
		return w.Subject
	case consent.Offline:
		return w.Offline
	}
	if api(claim) {
		return claim
	}
	switch v := w.Person.Value(claim).(type) {
	case string:
		if v == "" {
			return w.Site.T(w.Lang, "told.nothing")
		}
		if claim == claims.Locale {
			return w.Site.T(w.Lang, "told.language."+v)
		}
		return v
	case bool:
		return w.Site.T(w.Lang, map[bool]string{true: "told.yes", false: "told.no"}[v])
	case []string:
		if len(v) == 0 {
			return w.Site.T(w.Lang, "told.nothing")
		}
		return strings.Join(v, ", ")
	case int:
		return w.Site.T(w.Lang, "told.assurance", v)
	default:
		return fmt.Sprint(v)
	}
}
