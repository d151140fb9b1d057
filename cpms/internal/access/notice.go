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

// Due says which notice a grant calls for now. After a time without a worker only the latest
// is given: nobody is told "in 14 days" when it is tomorrow.
func (g Grant) Due(now time.Time) Notice {
	left := g.EndsAt.Sub(now)
	switch {
	case !g.RevokedAt.IsZero() || g.Closed:
		return NoNotice
	case left <= 0:
		return NoticeEnd
	case left <= 3*24*time.Hour && !g.Warned3:
		return Notice3
	case left <= Soon && left > 3*24*time.Hour && !g.Warned14:
		return Notice14
	}
	return NoNotice
}
