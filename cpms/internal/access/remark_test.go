package access

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

func TestWhenRemarksCanBeWritten(t *testing.T) {
	for name, tt := range map[string]struct {
		r     Request
		after time.Duration
		want  bool
	}{
		"draft":                    {Request{State: Draft}, 0, false},
		"waits":                    {Request{State: Submitted, SubmittedAt: noon}, 0, true},
		"asked, after long":        {Request{State: MoreInfo, SubmittedAt: noon, UpdatedAt: noon}, 29 * 24 * time.Hour, true},
		"approved, last moment":    {Request{State: Approved, SubmittedAt: noon, DecidedAt: noon}, RemarksFor - 1, true},
		"approved, over":           {Request{State: Approved, SubmittedAt: noon, DecidedAt: noon, UpdatedAt: noon.Add(time.Hour)}, RemarksFor, false},
		"withdrawn, last moment":   {Request{State: Withdrawn, SubmittedAt: noon.Add(-time.Hour), UpdatedAt: noon}, RemarksFor - 1, true},
		"ended by time, over":      {Request{State: Lapsed, SubmittedAt: noon, UpdatedAt: noon}, RemarksFor, false},
		"discarded as a draft":     {Request{State: Withdrawn, UpdatedAt: noon}, 0, false},
		"rejected, once more open": {Request{State: Rejected, SubmittedAt: noon, DecidedAt: noon}, time.Hour, true},
	} {
		if got := tt.r.Talks(noon.Add(tt.after)); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestWhoSeesWhatIsForTheDeskAlone(t *testing.T) {
	r := Request{PersonID: "anna", Network: "ern-eye"}
	for name, tt := range map[string]struct {
		by    string
		seats []Seat
		want  bool
	}{
		"a coordinator":              {"elena", []Seat{{Network: "ern-eye"}}, true},
		"of all":                     {"elena", []Seat{{Network: AllNetworks}}, true},
		"a deputy":                   {"dora", []Seat{{Network: "ern-eye", For: "elena"}}, true},
		"of another network":         {"lars", []Seat{{Network: "ern-lung"}}, false},
		"the requester":              {"anna", []Seat{{Network: "ern-eye"}}, false},
		"the requester's deputy":     {"dora", []Seat{{Network: "ern-eye", For: "anna"}}, false},
		"the same, also by own word": {"dora", []Seat{{Network: "ern-eye"}, {Network: "ern-eye", For: "anna"}}, false},
		"nobody":                     {"bert", nil, false},
	} {
		if got := r.Confides(tt.by, tt.seats); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestTheTextOfARemark(t *testing.T) {
	long := strings.Repeat("é", RemarkMax)
	if got, err := checkRemark(" " + long + "\n"); err != nil || got != long {
		t.Errorf("%v", err)
	}
	for _, bad := range []string{"", " \n", long + "x", "a\x00", "turned \u202e round", "\xff"} {
		if _, err := checkRemark(bad); !errors.Is(err, ErrInvalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestTheDocumentTellsTheLimitsOfRemarks(t *testing.T) {
	raw, err := os.ReadFile("../../docs/request-lifecycle.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, limit := range []string{
		fmt.Sprintf("at most %d characters; a request has at most %d of them", RemarkMax, RemarksMost),
		fmt.Sprintf("until %d days after the end of the request", int(RemarksFor.Hours()/24)),
		fmt.Sprintf("at least %d decisions in the last %d days", UsualMin, int(statTimes.Hours()/24)),
		fmt.Sprintf("within %d minutes", int(RemarkMailEvery.Minutes())),
	} {
		if !strings.Contains(string(raw), limit) {
			t.Errorf("%q is not in the document", limit)
		}
	}
}
