package client

import (
	"slices"

	"eulogin.example/idp/internal/ident"
)

// Membership is what the groups of people mean for a service (domain.md §1.5, row 29).
type Membership struct {
	// Groups are those that it is told of, by the scope groups.
	Groups []string `json:"groups,omitempty"`
	// AllowedGroups are those whose members may sign in to it; none: everybody may.
	AllowedGroups []string `json:"allowed_groups,omitempty"`
}

func (m Membership) rules(c *Client) []rule {
	odd := func(g string) bool { return !ident.IsGroup(g) }
	return []rule{
		{slices.ContainsFunc(m.Groups, odd) || len(m.Groups) > ident.GroupsMost, "groups must be at most 50 names of letters, digits, dots, hyphens and underscores"},
		{slices.ContainsFunc(m.AllowedGroups, odd) || len(m.AllowedGroups) > ident.GroupsMost, "allowed_groups must be at most 50 names of letters, digits, dots, hyphens and underscores"},
		{c.MayAsk("groups") != (len(m.Groups) > 0), "groups and the scope groups go together"},
		{len(m.AllowedGroups) > 0 && !c.personal(), "allowed_groups goes with a grant in which somebody signs in"},
	}
}

// Admits reports whether a person in these groups may sign in to the service.
func (m Membership) Admits(groups []string) bool { return ident.InAny(groups, m.AllowedGroups) }
