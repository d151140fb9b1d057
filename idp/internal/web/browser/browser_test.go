package browser_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"eulogin.example/idp/internal/web/browser"
)

func TestDescribe(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0":                                                                  "Firefox, Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36":                         "Chrome, Windows",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0":           "Edge, Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1": "Safari, iPhone",
		"Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36":                            "Chrome, Android",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/605.1.15":                      "Safari, macOS",
		"curl/8.5.0": "curl", "": "Browser", "<script>alert(1)</script>": "Browser",
	} {
		if got := browser.Describe(agent); got != want {
			t.Errorf("%q: %q", agent, got)
		}
	}
}

// Whatever a program says of itself, only words of ours reach the phone and the history.
func FuzzDescribe(f *testing.F) {
	f.Add("Firefox/1 Windows")
	f.Add(strings.Repeat("é", 500))
	f.Fuzz(func(t *testing.T, agent string) {
		got := browser.Describe(agent)
		if len(got) > 40 || got == "" || !utf8.ValidString(got) || strings.ContainsAny(got, "<>&\"'\n") {
			t.Fatalf("%q", got)
		}
	})
}
