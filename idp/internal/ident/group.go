package ident

import (
	"regexp"
	"slices"
)

// GroupsMost is the greatest number of groups of one person, or of one service.
const GroupsMost = 50

var groupShape = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$`)

// IsGroup reports whether a text can be the name of a group of people: 1 to 64 letters, digits, dots,
// hyphens and underscores; it stands in tokens, in metadata, and in lists with spaces between. Capitals count.
func IsGroup(name string) bool { return groupShape.MatchString(name) }

// InAny reports whether somebody in these groups is in one of those that are wanted; where none is wanted,
// everybody is.
func InAny(groups, wanted []string) bool {
	return len(wanted) == 0 || slices.ContainsFunc(groups, func(g string) bool { return slices.Contains(wanted, g) })
}
