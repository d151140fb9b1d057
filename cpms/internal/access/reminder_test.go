package access

import (
	"testing"
	"time"
)

func TestWhatARequestThatWaitsCallsFor(t *testing.T) {
	const day = 24 * time.Hour
	for _, tt := range []struct {
		state State
		after time.Duration
		want  Reminder
	}{
		{Submitted, 0, NoReminder}, {Submitted, day - 1, NoReminder}, {Submitted, day, Overdue}, {Submitted, 3*day - 1, Overdue}, {Submitted, 3 * day, Escalated},
		{Submitted, 30*day - 1, Escalated}, {Submitted, 30 * day, TimeUp}, {Submitted, 300 * day, TimeUp},
		{MoreInfo, day, NoReminder}, {MoreInfo, 7*day - 1, NoReminder}, {MoreInfo, 7 * day, Unanswered}, {MoreInfo, 30 * day, TimeUp},
		{Draft, 300 * day, NoReminder}, {Approved, 300 * day, NoReminder}, {Rejected, 300 * day, NoReminder}, {Withdrawn, 300 * day, NoReminder}, {Lapsed, 300 * day, NoReminder},
	} {
		if got := (Request{State: tt.state, UpdatedAt: noon}).Reminds(noon.Add(tt.after)); got != tt.want {
			t.Errorf("%s after %s: %q, want %q", tt.state, tt.after, got, tt.want)
		}
	}
}
