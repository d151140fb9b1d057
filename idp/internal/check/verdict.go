package check

import (
	"cmp"
	"time"
)

// Verdict is what a case came to.
type Verdict string

// The verdicts.
const (
	Passed  Verdict = "passed"
	Failed  Verdict = "failed"
	Open    Verdict = "open"    // not played, or what the service did could not be seen
	Skipped Verdict = "skipped" // it cannot be played to this service
)

// patience is how long after a bad answer a service that does not bring its code has refused it.
const patience = 10 * time.Second

// Judge gives the verdict on a case. What was seen counts before what is told.
func Judge(c Case, s *Seen, now time.Time) Verdict {
	switch {
	case s == nil:
		return Open
	case s.Missing != Nothing:
		return Skipped
	case c.Part == Logout:
		return judgeLogout(c, s)
	case c.Accept():
		return judgeGood(s)
	case c.Part == UserInfo:
		return judgeInfo(s)
	}
	return judgeBad(c, s, now)
}

// Lacks says what a case that was skipped took of the service and did not get.
func Lacks(c Case, s *Seen, now time.Time) Need {
	if Judge(c, s, now) != Skipped {
		return Nothing
	}
	return cmp.Or(s.Missing, c.Need)
}

// judgeGood wants the service to have gone on with what it got.
func judgeGood(s *Seen) Verdict {
	switch {
	case s.Told == Refused:
		return Failed
	case s.Redeemed && (s.Informed || s.Told == SignedIn):
		return Passed
	}
	return Open
}

// judgeBad wants the service to have stopped: before it brought the code of a bad answer, and before it
// used the access token that came with a bad ID token.
func judgeBad(c Case, s *Seen, now time.Time) Verdict {
	early := c.Part == Authorization && c.ID != "error" && c.ID != "code-foreign"
	switch {
	case s.Answered.IsZero():
		return Open
	case s.Told == SignedIn || s.Informed || early && s.Redeemed:
		return Failed
	case s.Told == Refused || early && now.Sub(s.Answered) >= patience:
		return Passed
	}
	return Open
}

// judgeInfo needs a service that asks userinfo.
func judgeInfo(s *Seen) Verdict {
	switch {
	case s.Told == "":
		return Open
	case !s.Informed:
		return Skipped
	case s.Told == SignedIn:
		return Failed
	}
	return Passed
}

// judgeLogout goes by the status: 2xx took the token, 4xx refused it (Back-Channel Logout 1.0 §2.8).
func judgeLogout(c Case, s *Seen) Verdict {
	took, refused := s.Status/100 == 2, s.Status/100 == 4
	switch {
	case !took && !refused:
		return Open
	case took == c.Accept():
		return Passed
	}
	return Failed
}

// Score counts verdicts. Advice is counted by itself.
type Score struct {
	Passed  int `json:"passed"`
	Failed  int `json:"failed"`
	Open    int `json:"open"`
	Skipped int `json:"skipped"`
	Of      int `json:"of"`     // those that could be passed
	Advice  int `json:"advice"` // of what is only allowed, not done
}

// Full reports whether nothing is left to be done.
func (s Score) Full() bool { return s.Of > 0 && s.Passed == s.Of }

// Sum scores a run.
func Sum(r Run, now time.Time) (out Score) {
	for _, c := range Cases {
		v := Judge(c, r.Seen[c.ID], now)
		switch {
		case c.Duty == May:
			if v == Failed {
				out.Advice++
			}
			continue
		case v == Passed:
			out.Passed++
		case v == Failed:
			out.Failed++
		case v == Skipped:
			out.Skipped++
			continue
		default:
			out.Open++
		}
		out.Of++
	}
	return out
}
