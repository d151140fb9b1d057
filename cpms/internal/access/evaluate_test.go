package access

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"eulogin.example/cpms/internal/person"
)

// docs/grants.md shows what roles allow; every role that can be asked for has a line.
func TestTheDocumentedPermitsAreTheCode(t *testing.T) {
	raw, err := os.ReadFile("../../docs/grants.md")
	if err != nil {
		t.Fatal(err)
	}
	if len(Permits) != len(Roles) {
		t.Errorf("%d roles permit something, %d can be asked for", len(Permits), len(Roles))
	}
	for _, role := range Roles {
		var words []string
		for _, a := range Permits[role] {
			words = append(words, string(a))
		}
		if line := fmt.Sprintf("| %s | %s |\n", role, strings.Join(words, ", ")); !strings.Contains(string(raw), line) {
			t.Errorf("not in docs/grants.md: %s", line)
		}
	}
	for _, r := range []Reason{Granted, NoGrant, NotPermitted, Closed, Reason(Pending), Reason(Suspended), Reason(Expired), Reason(Revoked)} {
		if !strings.Contains(string(raw), string(r)) {
			t.Errorf("reason %s is not in docs/grants.md", r)
		}
	}
}

func TestWhoMayDoWhatNow(t *testing.T) {
	grant := func(role string, from, until time.Duration, change ...func(*Grant)) Grant {
		g := Grant{ID: role, Network: "ern-eye", Role: role, StartsAt: noon.Add(from), EndsAt: noon.Add(until)}
		for _, c := range change {
			c(&g)
		}
		return g
	}
	suspended := func(g *Grant) { g.SuspendedAt = noon }
	revoked := func(g *Grant) { g.RevokedAt = noon }
	const h = time.Hour
	for name, tt := range map[string]struct {
		status person.Status
		grants []Grant
		seats  []Seat
		do     Action
		want   Reason
		until  time.Duration
	}{
		"member":                        {person.Active, []Grant{grant(HP, -h, h)}, nil, JoinPanel, Granted, h},
		"enters":                        {person.Active, []Grant{grant(Researcher, -h, h)}, nil, Enter, Granted, h},
		"guest has no hospital":         {person.Active, []Grant{grant(GuestUser, -h, h)}, nil, ViewPatients, NotPermitted, 0},
		"researcher at a panel":         {person.Active, []Grant{grant(Researcher, -h, h)}, nil, JoinPanel, NotPermitted, 0},
		"no such action":                {person.Active, []Grant{grant(HP, -h, h)}, nil, "everything", NotPermitted, 0},
		"nothing":                       {person.Active, nil, nil, Enter, NoGrant, 0},
		"over to the microsecond":       {person.Active, []Grant{grant(HP, -h, 0)}, nil, Enter, Reason(Expired), 0},
		"not open yet":                  {person.Active, []Grant{grant(HP, 1, h)}, nil, Enter, Reason(Pending), 0},
		"no second factor":              {person.Active, []Grant{grant(HP, -h, h, suspended)}, nil, Enter, Reason(Suspended), 0},
		"taken back":                    {person.Active, []Grant{grant(HP, -h, h, revoked)}, nil, Enter, Reason(Revoked), 0},
		"closed at idp":                 {person.Suspended, []Grant{grant(HP, -h, h)}, []Seat{{Network: "ern-eye"}}, Enter, Closed, 0},
		"erased":                        {person.Erased, []Grant{grant(HP, -h, h)}, nil, Enter, Closed, 0},
		"the longer of two":             {person.Active, []Grant{grant(HP, -h, h), grant(GuestUser, -h, 2*h)}, nil, JoinPanel, Granted, 2 * h},
		"one of two permits":            {person.Active, []Grant{grant(HP, -h, h), grant(Researcher, -h, 9*h)}, nil, JoinPanel, Granted, h},
		"the latest of two is told":     {person.Active, []Grant{grant(HP, -9*h, -h), grant(GuestUser, -h, h, revoked)}, nil, Enter, Reason(Revoked), 0},
		"open without it beats ended":   {person.Active, []Grant{grant(Researcher, -9*h, h), grant(HP, -h, 0)}, nil, JoinPanel, NotPermitted, 0},
		"coordinator by a seat":         {person.Active, nil, []Seat{{Network: "ern-eye"}}, DecideRequest, Granted, 0},
		"of all networks":               {person.Active, nil, []Seat{{Network: AllNetworks}}, DecideRequest, Granted, 0},
		"deputy":                        {person.Active, nil, []Seat{{Network: "ern-eye", For: "elena"}}, DecideRequest, Granted, 0},
		"seat of another network":       {person.Active, nil, []Seat{{Network: "ern-bond"}}, DecideRequest, NoGrant, 0},
		"a seat is no clinician's role": {person.Active, nil, []Seat{{Network: "ern-eye"}}, JoinPanel, NoGrant, 0},
	} {
		got := Evaluate(tt.status, tt.grants, tt.seats, "ern-eye", tt.do, noon)
		if got.Reason != tt.want || got.Allowed != (tt.want == Granted) || tt.until > 0 && !got.Until.Equal(noon.Add(tt.until)) || tt.until == 0 && !got.Until.IsZero() {
			t.Errorf("%s: %+v, not %s", name, got, tt.want)
		}
		if other := Evaluate(tt.status, tt.grants, nil, "ern-lung", tt.do, noon); other.Allowed {
			t.Errorf("%s: allowed in another network", name)
		}
	}
}
