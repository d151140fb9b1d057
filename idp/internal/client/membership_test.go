package client

import (
	"strings"
	"testing"
)

func TestGroupsOfAService(t *testing.T) {
	for name, tt := range map[string]struct {
		scope, members string
		ok             bool
	}{
		"none":                 {"openid email", ``, true},
		"told":                 {"openid groups", `"groups":["staff","ern.board"],`, true},
		"for members":          {"openid", `"allowed_groups":["staff"],`, true},
		"the scope alone":      {"openid groups", ``, false},
		"the list alone":       {"openid", `"groups":["staff"],`, false},
		"a name with a space":  {"openid groups", `"groups":["two words"],`, false},
		"no name":              {"openid", `"allowed_groups":[""],`, false},
		"allowed, but no text": {"openid", `"allowed_groups":[1],`, false},
	} {
		raw := strings.Replace(strings.Replace(good, `"openid email"`, `"`+tt.scope+`"`, 1), `"scope"`, tt.members+`"scope"`, 1)
		if _, err := Parse([]byte(raw), false); (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, tt := range map[string]struct {
		allowed, of []string
		want        bool
	}{
		"everybody":      {nil, nil, true},
		"nobody's":       {[]string{"staff"}, nil, false},
		"one of several": {[]string{"board", "staff"}, []string{"guests", "staff"}, true},
		"another":        {[]string{"staff"}, []string{"Staff", "staf"}, false},
	} {
		if got := (Membership{AllowedGroups: tt.allowed}).Admits(tt.of); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
