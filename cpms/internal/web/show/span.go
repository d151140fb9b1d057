package show

import (
	"time"

	"eulogin.example/proto/kit/page"
)

// Span writes a duration in the words that fit its size, rounded up: it stands after "at most".
func Span(site *page.Site, lang string, d time.Duration) string {
	up := func(unit time.Duration) int { return int((d + unit - 1) / unit) }
	switch {
	case up(time.Minute) < 60:
		return site.T(lang, "stats.minutes", up(time.Minute))
	case up(time.Hour) < 48:
		return site.T(lang, "stats.hours", up(time.Hour))
	}
	return site.T(lang, "stats.days", up(24*time.Hour))
}
