package grant

import "time"

// Pace is how often something that waits may ask (RFC 8628 §3.5, CIBA Core §11): each time that it
// comes too early adds to the interval.
type Pace struct {
	Interval time.Duration `json:"interval"`
	NextPoll time.Time     `json:"next_poll,omitzero"`
}

// early notes that somebody asked, and reports whether that was too soon.
func (p *Pace) early(now time.Time) bool {
	soon := now.Before(p.NextPoll)
	if soon {
		p.Interval += DeviceInterval
	}
	p.NextPoll = now.Add(p.Interval)
	return soon
}
