package login

import (
	"time"

	"eulogin.example/idp/internal/policy"
)

// Step names what comes next.
type Step string

// The steps in their order. The first that is needed wins.
const (
	Refuse       Step = "refuse"
	Identify     Step = "identify"
	Password     Step = "password"
	ChooseMethod Step = "method"
	Challenge    Step = "challenge"
	EnrolFirst   Step = "enrol"
	Done         Step = "done"
)

// Facts are all that Next looks at.
type Facts struct {
	Refused    bool
	Named      bool // an e-mail address was given; whether it is known does not matter here
	Decision   policy.Decision
	Possession bool // only a second factor is asked for (recover)
	Chosen     bool // a second-factor method is chosen
	Enrolled   bool // the person has a second factor
	Pending    bool // a challenge is open
}

// rule is one step with the question whether it is needed. Later steps may rely on all
// earlier ones being answered.
type rule struct {
	step   Step
	needed func(Facts) bool
}

// ladder is the only place that knows the order.
var ladder = []rule{
	{Refuse, func(f Facts) bool { return f.Refused }},
	{Identify, func(f Facts) bool { return !f.Named }},
	{Password, func(f Facts) bool { return f.Decision.NeedKnowledge && !f.Possession }},
	{EnrolFirst, func(f Facts) bool { return f.factor() && !f.Enrolled && f.mandatory() }},
	{Challenge, func(f Facts) bool { return f.factor() && f.Enrolled && f.Pending }},
	{ChooseMethod, func(f Facts) bool { return f.factor() && f.Enrolled }},
	{Done, func(f Facts) bool { return true }},
}

// factor reports whether a second factor is wanted: by the service, or because the person
// chose one.
func (f Facts) factor() bool {
	return f.Decision.NeedPossession || (f.Chosen && f.Decision.Level < policy.Medium)
}

// mandatory reports whether there is no way on without the factor.
func (f Facts) mandatory() bool { return f.Possession || !f.Decision.Met || f.Chosen }

// Next says what comes. It is pure and total.
func Next(f Facts) Step {
	for _, r := range ladder {
		if r.needed(f) {
			return r.step
		}
	}
	return Refuse
}

// facts gathers what Next looks at.
func (f *Flow) facts(enrolled bool, now time.Time) Facts {
	d := policy.Evaluate(f.All(), f.Request.Requirement, now)
	possession := f.Request.Kind == KindRecover
	if possession {
		d.NeedPossession = !f.shown(policy.AppPIN, now)
	}
	return Facts{
		Refused: f.Refused != "", Named: f.Email != "", Decision: d, Possession: possession,
		Chosen: f.Method != "" && f.Method != policy.Password, Enrolled: enrolled, Pending: f.Pending != nil,
	}
}

// shown reports whether the flow itself saw a proof by this method.
func (f *Flow) shown(m policy.Method, now time.Time) bool {
	for _, p := range f.Proofs {
		if p.Method == m && !p.At.After(now) {
			return true
		}
	}
	return false
}

// undo forgets every answer from a step on, for the way back.
func (f *Flow) undo(from Step) {
	switch from {
	case Identify:
		f.Email, f.Account, f.Session, f.Carried, f.Proofs = "", "", "", nil, nil
		fallthrough
	case Password, ChooseMethod, Challenge:
		f.Method, f.Pending, f.Failed = "", nil, ""
	}
}
