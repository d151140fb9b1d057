package check

import (
	"encoding/json"
	"time"
)

// Report is a run for programs.
func Report(r Run, issuer string, now time.Time) ([]byte, error) {
	type line struct {
		Case    string  `json:"case"`
		Part    Part    `json:"part"`
		Duty    Duty    `json:"duty"`
		Rule    string  `json:"rule"`
		Verdict Verdict `json:"verdict"`
		Missing Need    `json:"missing,omitempty"`
		Status  int     `json:"status,omitempty"`
	}
	out := struct {
		Client  string    `json:"client_id"`
		Issuer  string    `json:"issuer"`
		Expires time.Time `json:"expires"`
		Playing string    `json:"playing,omitempty"`
		Full    bool      `json:"full"`
		Score   Score     `json:"score"`
		Cases   []line    `json:"cases"`
	}{r.Client, Issuer(issuer, r.Client), r.Expires, r.Playing, Sum(r, now).Full(), Sum(r, now), nil}
	for _, c := range Cases {
		l := line{Case: c.ID, Part: c.Part, Duty: c.Duty, Rule: c.Rule, Verdict: Judge(c, r.Seen[c.ID], now), Missing: Lacks(c, r.Seen[c.ID], now)}
		if s := r.Seen[c.ID]; s != nil {
			l.Status = s.Status
		}
		out.Cases = append(out.Cases, l)
	}
	return json.Marshal(out)
}
