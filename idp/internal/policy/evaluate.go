package policy

import (
	"slices"
	"time"
)

// Requirement is what a request asks of the sign-in.
type Requirement struct {
	Floor  Strength      `json:"floor"`            // less than this is refused (service's minimum, person's wish)
	AnyOf  []Strength    `json:"any_of,omitempty"` // and less than all of these (essential acr)
	Wanted Strength      `json:"wanted"`           // covers Floor; asked for when the person can (voluntary acr_values)
	Asked  []string      `json:"asked,omitempty"`  // acr values in order of preference: the answer bears one of their names
	MaxAge time.Duration `json:"max_age"`          // the proofs may be no older; negative: no limit; 0: made for this request
	Since  time.Time     `json:"since,omitzero"`   // proofs must not be older than this (prompt=login, max_age=0); zero: no limit
	// Recovery lets a recovery code stand for the second factor. It is set only where factors
	// are managed or replaced; no service ever hears of a level that rests on such a code.
	Recovery bool `json:"recovery,omitempty"`
}

// Anyone asks for nothing but a living sign-in.
func Anyone() Requirement { return AtLeast(Basic, -1) }

// AtLeast asks for a level, with proofs no older than maxAge (negative: any age).
func AtLeast(l Level, maxAge time.Duration) Requirement {
	return Requirement{Floor: Strength{Level: l}, Wanted: Strength{Level: l}, MaxAge: maxAge}
}

// Decision is what the proofs amount to at one moment.
type Decision struct {
	Strength           // the highest that fresh enough proofs give
	ACR      string    // the acr value that says so to the service
	AMR      []string  // RFC 8176 names of the methods the strength rests on, sorted
	AuthTime time.Time // the oldest proof that the strength rests on; `auth_time`
	Met      bool      // the floor is reached
	Full     bool      // what was wanted is reached
	// NeedKnowledge and NeedPossession say what is missing for Wanted.
	NeedKnowledge, NeedPossession bool
}

// Evaluate weighs proofs against a requirement at the moment now. It is the only function
// that turns proofs into a strength.
func Evaluate(proofs []Proof, req Requirement, now time.Time) Decision {
	fresh := freshOf(proofs, req, now)
	know, knows := best(fresh, knowledge)
	have, has := best(fresh, possession)
	d := Decision{}
	switch {
	case knows && has:
		d.Strength, d.AuthTime = have.strength, oldest(know.at, have.at)
		d.AMR = amr(know, have)
	case knows:
		d.Strength, d.AuthTime, d.AMR = Strength{Level: Basic}, know.at, amr(know)
	}
	d.ACR = named(d.Strength, req.Asked)
	wanted := req.Wanted.Join(req.Floor)
	code, coded := best(fresh, recovery)
	recovered := req.Recovery && knows && coded && wanted == Strength{Level: Medium}
	d.Met = d.Level >= Basic && req.Enough(d.Strength) || recovered
	d.Full = d.Met && (d.Covers(wanted) || recovered)
	d.NeedKnowledge = !knows
	d.NeedPossession = wanted.Join(Strength{Level: Basic}) != Strength{Level: Basic} && !(has && have.strength.Covers(wanted)) &&
		!(req.Recovery && coded && wanted == Strength{Level: Medium})
	if recovered && !has {
		d.AuthTime = oldest(know.at, code.at)
	}
	return d
}

// shown is a proof that counts, with what it is worth.
type shown struct {
	row
	at time.Time
}

// freshOf gives the proofs that are young enough, and made by methods that exist.
func freshOf(proofs []Proof, req Requirement, now time.Time) []shown {
	var out []shown
	for _, p := range proofs {
		r, known := lookup(p.Method)
		if !known || p.At.After(now) || p.At.IsZero() {
			continue
		}
		if req.MaxAge >= 0 && now.Sub(p.At) > req.MaxAge && !(req.MaxAge == 0 && !req.Since.IsZero()) {
			continue
		}
		if !req.Since.IsZero() && p.At.Before(req.Since) {
			continue
		}
		if r.strength = aged(r, now.Sub(p.At)); r.strength.Level > None || r.kind == recovery && now.Sub(p.At) <= maxAges[None] {
			out = append(out, shown{r, p.At})
		}
	}
	return out
}

// aged lowers what a proof is worth when it is older than its level allows. A possession
// that is too old for MEDIUM is worth nothing: it is no knowledge.
func aged(r row, age time.Duration) Strength {
	s := r.strength
	if s.Level == High && age > maxAges[High] {
		s.Level = Medium
	}
	if age > maxAges[s.Level] {
		return Strength{}
	}
	return s
}

// best finds the proof that counts for a category: the strongest possession, the newest
// knowledge.
func best(fresh []shown, kind category) (out shown, ok bool) {
	for _, s := range fresh {
		if s.kind != kind && !(s.kind == both && kind != recovery) {
			continue
		}
		stronger := kind == possession && s.strength != out.strength && s.strength.Covers(out.strength)
		weaker := kind == possession && s.strength != out.strength && !stronger
		if !ok || stronger || (!weaker && s.at.After(out.at)) {
			out, ok = s, true
		}
	}
	return out, ok
}

// amr names the methods used, and "mfa" for two factors.
func amr(used ...shown) []string {
	var names []string
	for _, s := range used {
		names = append(names, s.amr...)
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
