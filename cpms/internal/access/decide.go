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
	// ErrSecond says that the second approval must be another coordinator's.
	ErrSecond = fault.New(fault.Denied, "request.second_person")
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

// Ruling is what a decision comes to.
type Ruling struct {
	To    State
	First bool // the first of two approvals: the state stays
	Seat  Seat // that it was made from
}

// Decide holds a decision against all rules. It is pure: the seats of the one who decides, the
// first approval of the request as it stands, or nil, the strength and the time come in.
func Decide(r Request, d Decision, by string, seats []Seat, first *Approval, s Strength, now time.Time) (Ruling, error) {
	out := Ruling{To: r.State}
	if first != nil && (d.Do != Approve || first.Version != r.Version) {
		first = nil // it counts for nothing but a second approval of the same version
	}
	if by == r.PersonID && covers(networksOf(seats), r.Network) {
		return out, ErrOwn
	}
	seat, err := seatFor(r, seats, by, first)
	if err != nil {
		return out, err
	}
	if !s.Enough(now) {
		return out, ErrLevel
	}
	if err := d.check(); err != nil {
		return out, err
	}
	to, ok := Next(r.State, Coordinator, d.Do)
	if !ok {
		return out, ErrState
	}
	out.Seat = seat
	if out.First = d.Do == Approve && NeedsTwo(r.Role) && first == nil; !out.First {
		out.To = to
	}
	return out, nil
}

// check holds a decision against its form: a question or a rejection needs a text.
func (d Decision) check() error {
	if d.Do != Approve && d.Do != AskMore && d.Do != Reject {
		return ErrInvalid.WithField("decision", "desk.decision.needed")
	}
	text := strings.TrimSpace(d.Text)
	if d.Do != Approve && text == "" {
		return ErrInvalid.WithField("text", "desk.text.needed")
	}
	if !plain.Text(text, TextMax) {
		return ErrInvalid.WithField("text", "request.too_long", TextMax)
	}
	return nil
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
