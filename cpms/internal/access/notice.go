package access

import "time"

// Notice is a mail that a grant's end calls for.
type Notice int

// The notices, at fourteen and three days before the end, and at the end (domain.md row 34).
const (
	NoNotice Notice = iota
	Notice14
	Notice3
	NoticeEnd
)

// LastDays is when the second warning goes out.
const LastDays = 3 * 24 * time.Hour

// Due says which notice a grant calls for now. After a time without a worker only the latest
// is given: nobody is told "in 14 days" when it is tomorrow. A grant that was never longer
// than a warning's time does not get that warning: its approval has just told the end.
func (g Grant) Due(now time.Time) Notice {
	left, whole := g.EndsAt.Sub(now), g.EndsAt.Sub(g.StartsAt)
	switch {
	case !g.RevokedAt.IsZero() || g.Closed:
		return NoNotice
	case left <= 0:
		return NoticeEnd
	case left <= LastDays:
		if !g.Warned3 && whole > LastDays {
			return Notice3
		}
	case left <= Soon:
		if !g.Warned14 && whole > Soon {
			return Notice14
		}
	}
	return NoNotice
}
