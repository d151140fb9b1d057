package integration

import (
	"net/url"
	"time"

	"eulogin.example/idp/internal/check"
	"eulogin.example/idp/internal/client"
)

// runPage is the data of the page of a run.
type runPage struct {
	ID, Service, Issuer string
	Expires             time.Time
	Score               check.Score
	Full                bool
	Playing             string // case that waits for an authorization request
	Start               string // where the service begins a sign-in, "" when it did not say
	Groups              []group
}

// group is one part of the cases.
type group struct {
	Part check.Part
	Rows []row
}

// row is one case on the page.
type row struct {
	check.Case
	Verdict check.Verdict
	Missing check.Need
	Playing bool
	Ask     bool // whether the person was signed in, only the developer can say
	Unheard bool
	Status  int
}

// shown lays a run out.
func shown(id string, run check.Run, c *client.Client, issuer string, now time.Time) runPage {
	sum := check.Sum(run, now)
	p := runPage{ID: id, Service: c.Name, Issuer: check.Issuer(issuer, c.ID), Expires: run.Expires, Score: sum, Full: sum.Full(), Playing: run.Playing}
	if u, err := url.Parse(c.InitiateLogin); err == nil && c.InitiateLogin != "" {
		q := u.Query()
		q.Set("iss", p.Issuer) // OpenID Connect Core §4
		u.RawQuery = q.Encode()
		p.Start = u.String()
	}
	for _, part := range check.Parts {
		g := group{Part: part}
		for _, k := range check.Cases {
			if k.Part == part {
				g.Rows = append(g.Rows, rowOf(k, run, now))
			}
		}
		p.Groups = append(p.Groups, g)
	}
	return p
}

func rowOf(k check.Case, run check.Run, now time.Time) row {
	out := row{Case: k, Verdict: check.Judge(k, run.Seen[k.ID], now), Missing: check.Lacks(k, run.Seen[k.ID], now), Playing: run.Playing == k.ID}
	s := run.Seen[k.ID]
	if s == nil {
		return out
	}
	out.Status, out.Unheard = s.Status, s.Unheard
	out.Ask = out.Verdict == check.Open && !s.Answered.IsZero()
	return out
}
