package page_test

import (
	"bytes"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"eulogin.example/proto/kit/page"
)

// address finds the address of a static file in a page.
func address(t *testing.T, s *page.Site, name string) string {
	t.Helper()
	m := regexp.MustCompile(`"(/static/[^/]+/` + name + `)"`).FindStringSubmatch(show(t, s, get("/x"), data{}))
	if m == nil {
		t.Fatalf("no page uses %s", name)
	}
	return m[1]
}

func TestStaticFiles(t *testing.T) {
	s := site(t)
	fetch := func(method, p string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		s.Middleware(s.StaticHandler()).ServeHTTP(w, httptest.NewRequest(method, p, nil))
		return w
	}
	script := address(t, s, "js/x.js")
	for p, kind := range map[string]string{
		script: "text/javascript; charset=utf-8", address(t, s, "kit.css"): "text/css; charset=utf-8", address(t, s, "mark.svg"): "image/svg+xml",
		strings.Replace(script, "js/x.js", "app.webmanifest", 1): "application/manifest+json",
	} {
		w := fetch("GET", p)
		if w.Code != 200 || w.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" || w.Header().Get("Content-Type") != kind || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %v", p, w.Code, w.Header())
		}
	}
	if w := fetch("HEAD", script); w.Code != 200 || w.Body.Len() != 0 {
		t.Errorf("HEAD: %d, %d bytes", w.Code, w.Body.Len())
	}
	if w := fetch("GET", "/static/ffffffffffff/js/x.js"); w.Code != 200 || w.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("a page of another version: %d %v", w.Code, w.Header())
	}
	for _, p := range []string{"/static/x/../../etc/passwd", "/static/", "/static/abc/none.js", "/static/abc/js"} {
		if w := fetch("GET", p); w.Code != http.StatusNotFound || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %v", p, w.Code, w.Header())
		}
	}
}

func TestStaticAddressesChangeWithTheContent(t *testing.T) {
	other := site(t, func(c *page.Config) { c.Static = fstest.MapFS{"js/x.js": file("2")} })
	if a, b := address(t, site(t), "js/x.js"), address(t, other, "js/x.js"); a == b {
		t.Errorf("both are %s", a)
	}
	for name, set := range map[string]fstest.MapFS{"unknown type": {"a.exe": file("MZ")}, "one of the kit's": {"kit.css": file("a{}")}} {
		if _, err := page.New(config(func(c *page.Config) { c.Static = set })); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestStyleSheet keeps what no browser is needed for: nothing fetched from elsewhere, a size
// to hold, and the contrast of WCAG 2.2 (1.4.3 texts 4.5, 1.4.11 edges and marks 3).
func TestStyleSheet(t *testing.T) {
	css, err := os.ReadFile("static/kit.css")
	if err != nil {
		t.Fatal(err)
	}
	if len(css) > 25<<10 {
		t.Errorf("%d bytes", len(css))
	}
	if rest := bytes.ReplaceAll(css, []byte("http://www.w3.org/2000/svg"), nil); bytes.Contains(rest, []byte("//")) || bytes.Contains(rest, []byte("@import")) || bytes.Contains(rest, []byte("@font-face")) {
		t.Error("something is fetched")
	}
	colour := map[string]string{"white": "#ffffff"}
	for _, m := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{3,6});`).FindAllStringSubmatch(string(css), -1) {
		colour[m[1]] = m[2]
	}
	for _, tt := range []struct {
		front, back string
		least       float64
	}{
		{"ink", "paper", 7}, {"ink", "soft", 7}, {"muted", "paper", 4.5}, {"muted", "soft", 4.5}, {"brand", "paper", 4.5}, {"brand", "soft", 4.5}, {"brand", "brand-soft", 4.5},
		{"brand-dark", "brand-soft", 4.5}, {"white", "brand", 4.5}, {"white", "brand-dark", 4.5}, {"white", "bad", 4.5}, {"bad", "paper", 4.5}, {"bad", "bad-soft", 4.5},
		{"ok", "ok-soft", 4.5}, {"warn", "warn-soft", 4.5}, {"edge", "paper", 3}, {"edge", "soft", 3}, {"focus", "ink", 3}, {"focus", "brand", 3},
	} {
		if got := contrast(t, colour[tt.front], colour[tt.back]); got < tt.least {
			t.Errorf("%s on %s: %.2f, want %.1f", tt.front, tt.back, got, tt.least)
		}
	}
}

// contrast is the ratio of WCAG 2.2, "contrast ratio" and "relative luminance".
func contrast(t *testing.T, a, b string) float64 {
	la, lb := luminance(t, a), luminance(t, b)
	return (math.Max(la, lb) + 0.05) / (math.Min(la, lb) + 0.05)
}

func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	if len(hex) == 4 {
		hex = fmt.Sprintf("#%c%c%c%c%c%c", hex[1], hex[1], hex[2], hex[2], hex[3], hex[3])
	}
	if len(hex) != 7 {
		t.Fatalf("no colour %q", hex)
	}
	var sum float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
