package access

import "time"

// Reminder is what a request that waits calls for (domain.md §2.3).
type Reminder string

// The reminders, and the end.
const (
	NoReminder Reminder = ""
	Overdue    Reminder = "overdue"    // nobody decided within Target: all who may are told again
	Escalated  Reminder = "escalated"  // nor much later: the administrators and the network's helpdesk too
	Unanswered Reminder = "unanswered" // the requester has not answered a question
	TimeUp     Reminder = "time_up"    // it ends without a decision
)

// How long a request waits for each, since it came to its state.
const (
	EscalateAfter   = 72 * time.Hour
	UnansweredAfter = 7 * 24 * time.Hour
	OpenFor         = 30 * 24 * time.Hour
)

// Reminds says what a request calls for now. After a time without a worker only the latest is
// given.
func (r Request) Reminds(now time.Time) Reminder {
	waited := now.Sub(r.UpdatedAt)
	switch {
	case !r.State.Open():
		return NoReminder
	case waited >= OpenFor:
		return TimeUp
	case r.State == MoreInfo && waited >= UnansweredAfter:
		return Unanswered
	case r.State == Submitted && waited >= EscalateAfter:
		return Escalated
	case r.State == Submitted && waited >= Target:
		return Overdue
	}
	return NoReminder
}
