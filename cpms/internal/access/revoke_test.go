package access

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestWhoMayTakeAccessBack(t *testing.T) {
	r := Request{ID: "r", PersonID: "anna", Network: "ern-eye", Role: HP, State: Approved, Version: 3}
	open := Grant{PersonID: "anna", StartsAt: noon.Add(-time.Hour), EndsAt: noon.AddDate(0, 0, 100)}
	mine, fresh := []Seat{{Network: "ern-eye"}}, Strength{Medium: true, AuthTime: noon}
	with := func(change func(*Grant)) Grant { g := open; change(&g); return g }
	for name, tt := range map[string]struct {
		g      Grant
		reason string
		by     string
		seats  []Seat
		s      Strength
		want   error
	}{
		"coordinator":           {open, "left", "elena", mine, fresh, nil},
		"of all networks":       {open, "left", "elena", []Seat{{Network: AllNetworks}}, fresh, nil},
		"deputy":                {open, "left", "dora", []Seat{{Network: "ern-eye", For: "elena"}}, fresh, nil},
		"deputy of the holder":  {open, "left", "dora", []Seat{{Network: "ern-eye", For: "anna"}}, fresh, ErrOwnAbsent},
		"own":                   {open, "left", "anna", mine, fresh, ErrOwn},
		"another network":       {open, "left", "elena", []Seat{{Network: "ern-bond"}}, fresh, ErrNotYours},
		"no desk":               {open, "left", "elena", nil, fresh, ErrNotYours},
		"password alone":        {open, "left", "elena", mine, Strength{AuthTime: noon}, ErrLevel},
		"stale":                 {open, "left", "elena", mine, Strength{Medium: true, AuthTime: noon.Add(-Fresh - 1)}, ErrLevel},
		"signed in in future":   {open, "left", "elena", mine, Strength{Medium: true, AuthTime: noon.Add(time.Hour)}, ErrLevel},
		"without a reason":      {open, "", "elena", mine, fresh, ErrInvalid},
		"too long a reason":     {open, strings.Repeat("x", TextMax+1), "elena", mine, fresh, ErrInvalid},
		"hidden characters":     {open, "left\u202e", "elena", mine, fresh, ErrInvalid},
		"suspended":             {with(func(g *Grant) { g.SuspendedAt = noon }), "left", "elena", mine, fresh, nil},
		"in its last days":      {with(func(g *Grant) { g.EndsAt = noon.Add(time.Hour) }), "left", "elena", mine, fresh, nil},
		"extended":              {with(func(g *Grant) { g.Extends = "g0" }), "left", "elena", mine, fresh, nil},
		"over":                  {with(func(g *Grant) { g.EndsAt = noon }), "left", "elena", mine, fresh, ErrNoGrant},
		"taken back before":     {with(func(g *Grant) { g.RevokedAt = noon }), "left", "elena", mine, fresh, ErrNoGrant},
		"can still be undone":   {with(func(g *Grant) { g.StartsAt = noon.Add(time.Minute) }), "left", "elena", mine, fresh, ErrNoGrant},
		"nothing known of seat": {open, "left", "", nil, fresh, ErrNotYours},
	} {
		if _, err := MayRevoke(r, tt.g, tt.reason, tt.by, tt.seats, tt.s, noon); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, not %v", name, err, tt.want)
		}
	}
}
