package account

import (
	"slices"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/fault"
)

// The failures of a change of groups.
var (
	ErrGroup      = fault.New(fault.Invalid, "account.group_invalid")
	ErrGroupsMany = fault.New(fault.Conflict, "account.groups_many")
)

// Joined gives groups with more of them, sorted, each once. Errors: ErrGroup, ErrGroupsMany.
func Joined(groups []string, more ...string) ([]string, error) {
	if slices.ContainsFunc(more, func(g string) bool { return !ident.IsGroup(g) }) {
		return nil, ErrGroup
	}
	out := slices.Concat(groups, more)
	slices.Sort(out)
	if out = slices.Compact(out); len(out) > ident.GroupsMost {
		return nil, ErrGroupsMany
	}
	return out, nil
}

// Left gives groups without some of them.
func Left(groups []string, gone ...string) []string {
	return slices.DeleteFunc(slices.Clone(groups), func(g string) bool { return slices.Contains(gone, g) })
}
