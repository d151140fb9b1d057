package login

import (
	"slices"
	"time"

	"eulogin.example/idp/internal/policy"
)

// Step names what comes next.
type Step string

// The steps in their order. The first that is needed wins.
const (
	Refuse       Step = "refuse"
	DirectStep   Step = "direct" // a challenge that names the person by itself is open
	Identify     Step = "identify"
	Password     Step = "password"
	LostFactor   Step = "lost" // a second factor is needed, and none of those that the person had is left
	EnrolFirst   Step = "enrol"
	Challenge    Step = "challenge"
	ChooseMethod Step = "method"
	Barred       Step = "barred" // the service is not for this person
	Review       Step = "review" // the person sees what is about to happen, and agrees
	Done         Step = "done"
)

// Facts are all that Next looks at.
type Facts struct {
	Refused    bool            // the flow was cancelled, or denied on the phone
	Direct     bool            // a challenge is open that names the person by itself
	Named      bool            // somebody was named; whether the account exists does not matter here
	Decision   policy.Decision // what the proofs amount to under what this sign-in has to reach
	Recover    bool            // only a second factor is asked for, and it signs nobody in
	Chosen     bool            // the person chose a second factor, asked for or not
	Enrolled   bool            // the person has a second factor that brings what is missing
	Enrollable bool            // there is one that a person can add on the way
	Lost       bool            // the person had a second factor, and can show none at all, nor a recovery code
	Pending    bool            // a challenge is open
	Barred     bool            // the person is in none of the groups whose members may finish
	Review     bool            // the person must see something before it is done, and agree
}

// rule is one step: when it is needed, and what is forgotten on the way back to it.
type rule struct {
	step   Step
	needed func(Facts) bool
	undo   func(*Flow)
}

// ladder is the only place that knows the order. A rule may rely on no earlier one being
// needed.
var ladder = []rule{
	{Refuse, func(f Facts) bool { return f.Refused }, nil},
	{DirectStep, func(f Facts) bool { return f.Direct && !f.Recover }, nil},
	{Identify, func(f Facts) bool { return !f.Named }, func(f *Flow) {
		f.Email, f.Account, f.AlwaysMFA, f.Guarded, f.Session, f.Claim, f.Carried, f.Proofs = "", "", false, false, "", "", nil, nil
		f.Details, f.Adaptive = false, false
		f.Named++
	}},
	{Password, func(f Facts) bool { return !f.Recover && f.Decision.NeedKnowledge }, func(f *Flow) { f.forget(policy.Password) }},
	{LostFactor, func(f Facts) bool { return f.factor() && f.Lost && f.mandatory() }, nil},
	{EnrolFirst, func(f Facts) bool { return f.factor() && !f.Enrolled && f.Enrollable && !f.Recover && f.mandatory() }, nil},
	{Challenge, func(f Facts) bool { return f.factor() && f.Enrolled && f.Pending }, func(f *Flow) {
		f.Proofs = slices.DeleteFunc(slices.Clone(f.Proofs), func(p policy.Proof) bool { return p.Method != policy.Password })
		f.Pending, f.Failed = nil, ""
	}},
	{ChooseMethod, func(f Facts) bool { return f.factor() && f.Enrolled }, func(f *Flow) { f.Method, f.Factor = "", "" }},
	{Barred, func(f Facts) bool { return f.Barred && f.reached() }, nil},
	{Review, func(f Facts) bool { return f.Review && f.reached() }, func(f *Flow) { f.Reviewed, f.Agreed = false, nil }},
	{Done, Facts.reached, nil},
}

// factor reports whether a second factor is still to be shown: the service wants it, or the
// person chose one.
func (f Facts) factor() bool { return f.Decision.NeedPossession }

// mandatory reports whether there is no way on without the factor: the service insists, or
// the person chose it and has not thought better of it.
func (f Facts) mandatory() bool { return !f.Decision.Met || f.Chosen }

// reached reports whether the sign-in is complete.
func (f Facts) reached() bool {
	if f.Recover {
		return !f.factor()
	}
	return f.Decision.Met
}

// Next says what comes. It is pure and total: what no step can reach is refused.
func Next(f Facts) Step {
	for _, r := range ladder {
		if r.needed(f) {
			return r.step
		}
	}
	return Refuse
}

// place gives where a step stands in the ladder.
func place(s Step) int {
	for i, r := range ladder {
		if r.step == s {
			return i
		}
	}
	return len(ladder)
}

// facts gathers what Next looks at; have are the proofs that the person could give, can those
// that somebody could enrol on the way.
func (f *Flow) facts(have, can []policy.Method, now time.Time) Facts {
	req := f.requirement()
	switch f.Request.Kind {
	case KindRecover:
		req = f.recovering()
	case KindLost:
		req = f.losing()
	}
	d := policy.Evaluate(f.All(), req, now)
	helps := req.Accepts
	if d.Met { // what is missing is only a wish
		helps = req.Grants
	}
	return Facts{
		Refused: f.Refused != "", Direct: f.Pending != nil && f.Pending.Direct, Named: f.Email != "", Decision: d,
		Recover: f.Request.Kind == KindRecover, Chosen: f.Method != "" && f.Method != policy.Password,
		Enrolled: slices.ContainsFunc(have, helps), Enrollable: slices.ContainsFunc(can, helps),
		Lost:    f.Guarded && len(have) == 0 && !d.Strength.Covers(policy.Strength{Level: policy.Medium}),
		Pending: f.Pending != nil && !f.Pending.Direct, Review: !f.Reviewed && f.Shows(),
	}
}

// forget removes what this flow saw of a method.
func (f *Flow) forget(m policy.Method) {
	var kept []policy.Proof
	for _, p := range f.Proofs {
		if p.Method != m {
			kept = append(kept, p)
		}
	}
	f.Proofs = kept
}
