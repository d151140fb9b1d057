package access

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestAnswersOfAReferee(t *testing.T) {
	asked := Reference{RequestID: "r", AskedAt: noon, EndsAt: noon.Add(ReferenceLife)}
	answered := asked
	answered.AnsweredAt, answered.Answer = noon, Decline
	for name, tt := range map[string]struct {
		f     Reference
		state State
		do    Command
		words string
		at    time.Time
		want  error
	}{
		"yes":                  {asked, Submitted, Vouch, "", noon, nil},
		"no, while asked":      {asked, MoreInfo, Decline, "Never met.", noon, nil},
		"nothing chosen":       {asked, Submitted, "", "", noon, ErrInvalid},
		"a coordinator's word": {asked, Submitted, Approve, "", noon, ErrInvalid},
		"too many words":       {asked, Submitted, Vouch, strings.Repeat("x", TextMax+1), noon, ErrInvalid},
		"hidden characters":    {asked, Submitted, Vouch, "a\u202eb", noon, ErrInvalid},
		"twice":                {answered, Submitted, Vouch, "", noon, ErrReferenceOver},
		"the last moment":      {asked, Submitted, Vouch, "", asked.EndsAt.Add(-1), nil},
		"too late":             {asked, Submitted, Vouch, "", asked.EndsAt, ErrReferenceOver},
		"approved meanwhile":   {asked, Approved, Vouch, "", noon, ErrReferenceOver},
		"withdrawn meanwhile":  {asked, Withdrawn, Decline, "", noon, ErrReferenceOver},
	} {
		got, err := tt.f.Answers(Request{State: tt.state}, tt.do, tt.words, tt.at)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, not %v", name, err, tt.want)
		}
		if err == nil && (got.Answer != tt.do || got.Words != tt.words || !got.AnsweredAt.Equal(tt.at)) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestWhoMustHaveConfirmed(t *testing.T) {
	yes, no, open := &Reference{Answer: Vouch}, &Reference{Answer: Decline}, &Reference{}
	for _, f := range []*Reference{nil, yes, no, open} {
		if err := Confirmed(false, f); err != nil {
			t.Errorf("%+v: %v although nothing is demanded", f, err)
		}
		if err := Confirmed(true, f); (err != nil) != (f == no || f == open) || err != nil && !errors.Is(err, ErrUnconfirmed) {
			t.Errorf("%+v: %v", f, err)
		}
	}
}
