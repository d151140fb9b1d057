package policy

import (
	"slices"
	"time"
)

// Requirement is what a request asks of the sign-in.
type Requirement struct {
	Floor  Level         // less than this is refused (essential acr, service's minimum)
	Wanted Level         // at least Floor; asked for when the person can (voluntary acr_values)
	MaxAge time.Duration // the proofs may be no older; negative: no limit; 0: made for this request
	Since  time.Time     // proofs must not be older than this (prompt=login, max_age=0); zero: no limit
}

// Anyone asks for nothing but a living sign-in.
func Anyone() Requirement { return Requirement{Floor: Basic, Wanted: Basic, MaxAge: -1} }

// AtLeast asks for a level, with proofs no older than maxAge (negative: any age).
func AtLeast(l Level, maxAge time.Duration) Requirement {
	return Requirement{Floor: l, Wanted: l, MaxAge: maxAge}
}

// Decision is what the proofs amount to at one moment.
type Decision struct {
	Level    Level     // the highest level that fresh enough proofs give
	ACR      string    // its acr value
	AMR      []string  // RFC 8176 names of the methods the level rests on, sorted
	AuthTime time.Time // the oldest proof that the level rests on; `auth_time`
	Met      bool      // Level reaches the floor
	Full     bool      // Level reaches what was wanted
	// NeedKnowledge and NeedPossession say what is missing for Wanted.
	NeedKnowledge, NeedPossession bool
}

// Evaluate weighs proofs against a requirement at the moment now. It is the only function
// that turns proofs into a level.
func Evaluate(proofs []Proof, req Requirement, now time.Time) Decision {
	know, knows := newest(proofs, knowledge, req, now)
	have, has := newest(proofs, possession, req, now)
	d := Decision{}
	switch {
	case knows && has:
		d.Level, d.AuthTime = Medium, oldest(know.At, have.At)
		d.AMR = amr(know.Method, have.Method)
	case knows:
		d.Level, d.AuthTime, d.AMR = Basic, know.At, amr(know.Method)
	}
	d.ACR = d.Level.ACR()
	d.Met = d.Level >= max(req.Floor, Basic)
	d.Full = d.Met && d.Level >= req.Wanted
	d.NeedKnowledge = !knows
	d.NeedPossession = max(req.Wanted, req.Floor) >= Medium && !has
	return d
}

// newest finds the latest usable proof of a category. A proof from the future is a defect
// or a forgery and counts for nothing.
func newest(proofs []Proof, kind category, req Requirement, now time.Time) (best Proof, ok bool) {
	for _, p := range proofs {
		r, known := lookup(p.Method)
		if !known || r.kind != kind || p.At.After(now) || p.At.IsZero() {
			continue
		}
		if req.MaxAge >= 0 && now.Sub(p.At) > req.MaxAge && !(req.MaxAge == 0 && !req.Since.IsZero()) {
			continue
		}
		if !req.Since.IsZero() && p.At.Before(req.Since) {
			continue
		}
		if !ok || p.At.After(best.At) {
			best, ok = p, true
		}
	}
	return best, ok
}

func amr(used ...Method) []string {
	var names []string
	for _, m := range used {
		r, _ := lookup(m)
		names = append(names, r.amr...)
	}
	if len(used) > 1 {
		names = append(names, "mfa")
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func oldest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
