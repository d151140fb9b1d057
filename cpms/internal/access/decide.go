package access

import (
	"strings"
	"time"

	"eulogin.example/cpms/internal/plain"
	"eulogin.example/proto/kit/fault"
)

// Fresh is how old the MEDIUM sign-in of a submission or decision may be.
const Fresh = 15 * time.Minute

// skew is how far idp's clock may be ahead of ours.
const skew = time.Minute

var (
	// ErrOwn says that nobody decides about themselves.
	ErrOwn = fault.New(fault.Denied, "request.own")
	// ErrNotYours says that the network is another coordinator's.
	ErrNotYours = fault.New(fault.Denied, "request.not_your_network")
	// ErrLevel says that the sign-in is not strong or fresh enough; the edge steps up.
	ErrLevel = fault.New(fault.Denied, "request.level")
)

// Strength is how somebody is signed in at the moment of a command: whether it is at least
// MEDIUM, and when its oldest proof was shown. A time in the future is not believed.
type Strength struct {
	Medium   bool
	AuthTime time.Time
	Methods  []string // amr of the ID token (RFC 8176), for the record alone
}

// Enough reports whether the strength serves a submission or a decision now.
func (s Strength) Enough(now time.Time) bool {
	age := now.Sub(s.AuthTime)
	return s.Medium && age <= Fresh && age >= -skew
}

// Decision is what a coordinator says.
type Decision struct {
	Do   Command // Approve, AskMore or Reject
	Text string  // question or reason
}

// Decide holds a decision against all rules. It is pure: the roles of the one who decides,
// the strength and the time come in.
func Decide(r Request, d Decision, by string, networks []string, s Strength, now time.Time) (State, error) {
	if !covers(networks, r.Network) {
		return r.State, ErrNotYours
	}
	if by == r.PersonID {
		return r.State, ErrOwn
	}
	if !s.Enough(now) {
		return r.State, ErrLevel
	}
	if d.Do != Approve && d.Do != AskMore && d.Do != Reject {
		return r.State, ErrInvalid.WithField("decision", "desk.decision.needed")
	}
	text := strings.TrimSpace(d.Text)
	if d.Do != Approve && text == "" {
		return r.State, ErrInvalid.WithField("text", "desk.text.needed")
	}
	if !plain.Text(text, TextMax) {
		return r.State, ErrInvalid.WithField("text", "request.too_long", TextMax)
	}
	to, ok := Next(r.State, Coordinator, d.Do)
	if !ok {
		return r.State, ErrState
	}
	return to, nil
}

// covers reports whether a coordinator's networks include this one.
func covers(networks []string, slug string) bool {
	for _, n := range networks {
		if n == AllNetworks || n == slug {
			return true
		}
	}
	return false
}
