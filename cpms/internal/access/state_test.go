package access

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// docs/request-lifecycle.md shows the table; every state × side × command is held against it.
func TestTheDocumentedTableIsTheCode(t *testing.T) {
	raw, err := os.ReadFile("../../docs/request-lifecycle.md")
	if err != nil {
		t.Fatal(err)
	}
	allowed := 0
	for _, from := range []State{Draft, Submitted, MoreInfo, Approved, Rejected, Withdrawn, Lapsed} {
		for _, by := range []Who{Requester, Coordinator, Clock, Referee} {
			for _, do := range []Command{Save, Submit, Answer, Withdraw, Approve, AskMore, Reject, Lapse, Vouch, Decline} {
				to, ok := Next(from, by, do)
				line := fmt.Sprintf("| %s | %s | %s | ", from, by, do)
				if shown := strings.Contains(string(raw), line); shown != ok {
					t.Errorf("%s: code %v, document %v", line, ok, shown)
				}
				if ok {
					allowed++
					if !strings.Contains(string(raw), line+string(to)+" |") {
						t.Errorf("%s leads to %s", line, to)
					}
				} else if to != from {
					t.Errorf("a refused command moved %s to %s", from, to)
				}
			}
		}
	}
	if allowed != len(Table) {
		t.Errorf("%d transitions, %d lines", allowed, len(Table))
	}
}

// The same for the grant: every status × side × command.
func TestTheDocumentedTableOfGrantsIsTheCode(t *testing.T) {
	raw, err := os.ReadFile("../../docs/request-lifecycle.md")
	if err != nil {
		t.Fatal(err)
	}
	allowed := 0
	for _, from := range []GrantStatus{Active, Extended, Expiring, Expired, Suspended, Revoked, Pending} {
		for _, by := range []Who{Requester, Coordinator, Clock} {
			for _, do := range []Command{Revoke, GiveBack, Extend, Lapse} {
				to, ok := NextGrant(from, by, do)
				line := fmt.Sprintf("| %s | %s | %s | ", from, by, do)
				if shown := strings.Contains(string(raw), line+string(to)+" |"); shown != ok {
					t.Errorf("%s: code %v, document %v", line, ok, shown)
				}
				if ok {
					allowed++
				} else if to != from {
					t.Errorf("a refused command moved %s to %s", from, to)
				}
			}
		}
	}
	if allowed != len(GrantTable) {
		t.Errorf("%d transitions, %d lines", allowed, len(GrantTable))
	}
}

// Whatever happens in whatever order: only the table's states are reached, what is over stays
// over, and every state can be left or is an end.
func TestEveryWalkThroughTheTable(t *testing.T) {
	ends := map[State]bool{Approved: true, Rejected: true, Withdrawn: true, Lapsed: true}
	seen := map[State]bool{}
	var walk func(s State, depth int)
	walk = func(s State, depth int) {
		seen[s] = true
		moves := 0
		for _, by := range []Who{Requester, Coordinator, Clock, Referee} {
			for _, do := range []Command{Save, Submit, Answer, Withdraw, Approve, AskMore, Reject, Lapse, Vouch, Decline} {
				to, ok := Next(s, by, do)
				if !ok {
					continue
				}
				moves++
				if to != s && (to == Approved || to == Rejected || to == MoreInfo) && by != Coordinator {
					t.Fatalf("%s %s %s leads to %s", s, by, do, to)
				}
				if depth > 0 {
					walk(to, depth-1)
				}
			}
		}
		if ends[s] != (moves == 0) || s.Open() != (s == Submitted || s == MoreInfo) {
			t.Fatalf("%s has %d ways on", s, moves)
		}
	}
	walk(Draft, 6)
	if len(seen) != 7 {
		t.Errorf("reached %v", seen)
	}
}

// The document tells every status of a grant and every limit as the code has it.
func TestTheDocumentTellsTheLimits(t *testing.T) {
	raw, err := os.ReadFile("../../docs/request-lifecycle.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for _, s := range []GrantStatus{Active, Extended, Pending, Expiring, Expired, Suspended, Revoked} {
		if !strings.Contains(text, "| "+string(s)+" | ") {
			t.Errorf("grant status %s", s)
		}
	}
	for _, limit := range []string{
		fmt.Sprintf("at most %d minutes old", int(Fresh.Minutes())), fmt.Sprintf("%d days for members", MemberDays), fmt.Sprintf("1 to %d days for guests", GuestDays),
		fmt.Sprintf("at least %d characters", JustificationMin), fmt.Sprintf("within %d hours", int(Target.Hours())), fmt.Sprintf("after %d hours", int(EscalateAfter.Hours())), fmt.Sprintf("after %d days", int(UnansweredAfter.Hours()/24)), fmt.Sprintf("after %d days", int(OpenFor.Hours()/24)), fmt.Sprintf("%d days before", int(Soon.Hours()/24)), fmt.Sprintf("%d days before", int(LastDays.Hours()/24)),
	} {
		if !strings.Contains(text, limit) {
			t.Errorf("%q is not in the document", limit)
		}
	}
}
