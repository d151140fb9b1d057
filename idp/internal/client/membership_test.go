package client

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestGroupsOfAService(t *testing.T) {
	many := func(n int) string {
		var names []string
		for i := range n {
			names = append(names, fmt.Sprintf(`"g%d"`, i))
		}
		return "[" + strings.Join(names, ",") + "]"
	}
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
		"50 of each":           {"openid groups", `"groups":` + many(50) + `,"allowed_groups":` + many(50) + `,`, true},
		"51 told":              {"openid groups", `"groups":` + many(51) + `,`, false},
		"51 allowed":           {"openid", `"allowed_groups":` + many(51) + `,`, false},
	} {
		raw := strings.Replace(strings.Replace(good, `"openid email"`, `"`+tt.scope+`"`, 1), `"scope"`, tt.members+`"scope"`, 1)
		if _, err := Parse([]byte(raw), false); (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	program := map[string]any{"grant_types": []string{ClientCredentials}, "response_types": []string{}, "redirect_uris": []string{}, "require_pushed_authorization_requests": nil, "scope": "cpms.grants.read"}
	if got := broken(t, program, false); got != nil {
		t.Errorf("a program: %v", got)
	}
	program["allowed_groups"] = []string{"staff"}
	if got := broken(t, program, false); !slices.Equal(got, []string{"allowed_groups"}) {
		t.Errorf("a program that nobody signs in to: %v", got)
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
