package show_test

import (
	"testing"
	"time"

	"eulogin.example/cpms/internal/web"
	"eulogin.example/cpms/internal/web/show"
	"eulogin.example/proto/kit/page"
)

func TestSpansAreRoundedUp(t *testing.T) {
	site, err := page.New(page.Config{Templates: web.Templates, Locales: web.Locales, Static: web.Static, Product: "CPMS 2.0", CookiePrefix: "cpms_"})
	if err != nil {
		t.Fatal(err)
	}
	for d, want := range map[time.Duration]string{
		time.Second: "1 min", 59 * time.Minute: "59 min", 59*time.Minute + 1: "1 h", time.Hour: "1 h", time.Hour + 1: "2 h",
		47 * time.Hour: "47 h", 47*time.Hour + 1: "2 days", 48*time.Hour + 1: "3 days", 72 * time.Hour: "3 days",
	} {
		if got := show.Span(site, "en", d); got != want {
			t.Errorf("%v: %s, not %s", d, got, want)
		}
	}
}
