package access

import (
	"errors"
	"strings"
	"testing"
	"time"

	"eulogin.example/proto/kit/fault"
)

// own are seats by one's own right.
func own(networks ...string) (out []Seat) {
	for _, n := range networks {
		out = append(out, Seat{Network: n})
	}
	return out
}

func TestDecide(t *testing.T) {
	r := Request{PersonID: "anna", Network: "ern-eye", State: Submitted}
	strong := Strength{Medium: true, AuthTime: noon.Add(-15 * time.Minute)}
	for name, tt := range map[string]struct {
		by       string
		networks []string
		d        Decision
		s        Strength
		state    State
		want     *fault.Error
	}{
		"approve":             {"c", []string{"ern-eye"}, Decision{Approve, ""}, strong, Submitted, nil},
		"of all networks":     {"c", []string{"*"}, Decision{Approve, ""}, strong, Submitted, nil},
		"ask":                 {"c", []string{"ern-eye"}, Decision{AskMore, "Why?"}, strong, Submitted, nil},
		"another network":     {"c", []string{"ern-lung"}, Decision{Approve, ""}, strong, Submitted, ErrNotYours},
		"no network":          {"c", nil, Decision{Approve, ""}, strong, Submitted, ErrNotYours},
		"oneself":             {"anna", []string{"*"}, Decision{Approve, ""}, strong, Submitted, ErrOwn},
		"password only":       {"c", []string{"*"}, Decision{Approve, ""}, Strength{AuthTime: noon}, Submitted, ErrLevel},
		"stale":               {"c", []string{"*"}, Decision{Approve, ""}, Strength{Medium: true, AuthTime: noon.Add(-15*time.Minute - time.Second)}, Submitted, ErrLevel},
		"reject without text": {"c", []string{"*"}, Decision{Reject, "  "}, strong, Submitted, ErrInvalid},
		"too long":            {"c", []string{"*"}, Decision{Reject, strings.Repeat("x", 2001)}, strong, Submitted, ErrInvalid},
		"a requester's word":  {"c", []string{"*"}, Decision{Withdraw, ""}, strong, Submitted, ErrInvalid},
		"from the future":     {"c", []string{"*"}, Decision{Approve, ""}, Strength{Medium: true, AuthTime: noon.Add(2 * time.Minute)}, Submitted, ErrLevel},
		"a clock ahead":       {"c", []string{"*"}, Decision{Approve, ""}, Strength{Medium: true, AuthTime: noon.Add(30 * time.Second)}, Submitted, nil},
		"never signed in":     {"c", []string{"*"}, Decision{Approve, ""}, Strength{Medium: true}, Submitted, ErrLevel},
		"NUL":                 {"c", []string{"*"}, Decision{Reject, "a\x00"}, strong, Submitted, ErrInvalid},
		"no command":          {"c", []string{"*"}, Decision{}, strong, Submitted, ErrInvalid},
		"decided":             {"c", []string{"*"}, Decision{Approve, ""}, strong, Approved, ErrState},
		"ask twice":           {"c", []string{"*"}, Decision{AskMore, "x"}, strong, MoreInfo, ErrState},
	} {
		r.State = tt.state
		to, err := Decide(r, tt.d, tt.by, own(tt.networks...), nil, tt.s, noon)
		if tt.want == nil && (err != nil || to.To == tt.state) {
			t.Errorf("%s: %s %v", name, to.To, err)
		}
		if tt.want != nil && (!errors.Is(err, tt.want) || to.To != tt.state) {
			t.Errorf("%s: %s %v", name, to.To, err)
		}
	}
}

// No combination of state, side, level, age and network approves what must not be approved.
func TestApprovalNeedsEverything(t *testing.T) {
	approved := 0
	for _, state := range []State{Draft, Submitted, MoreInfo, Approved, Rejected, Withdrawn, Lapsed} {
		for _, by := range []string{"anna", "c"} {
			for _, networks := range [][]string{nil, {"ern-lung"}, {"ern-eye"}, {"*"}} {
				for _, medium := range []bool{false, true} {
					for _, age := range []time.Duration{0, Fresh, Fresh + 1} {
						r := Request{PersonID: "anna", Network: "ern-eye", State: state}
						to, err := Decide(r, Decision{Do: Approve}, by, own(networks...), nil, Strength{Medium: medium, AuthTime: noon.Add(-age)}, noon)
						want := state.Open() && by == "c" && len(networks) == 1 && networks[0] != "ern-lung" && medium && age <= Fresh
						if (err == nil) != want || want != (to.To == Approved && state != Approved) {
							t.Fatalf("%s by %s of %v, medium %v, %s old: %s %v", state, by, networks, medium, age, to.To, err)
						}
						if err == nil {
							approved++
						}
					}
				}
			}
		}
	}
	if approved != 2*2*2 {
		t.Errorf("%d approvals", approved)
	}
}

func FuzzDecisionText(f *testing.F) {
	f.Add("Which clinic?")
	f.Add("\x00")
	f.Add(" \u202e ")
	f.Fuzz(func(t *testing.T, text string) {
		r := Request{PersonID: "anna", Network: "ern-eye", State: Submitted}
		_, err := Decide(r, Decision{Reject, text}, "c", own("*"), nil, Strength{Medium: true, AuthTime: noon}, noon)
		if err == nil && (strings.TrimSpace(text) == "" || strings.Contains(text, "\x00") || len(text) > 4*TextMax+100 && strings.TrimSpace(text) == text) {
			t.Fatalf("%q", text)
		}
	})
}
