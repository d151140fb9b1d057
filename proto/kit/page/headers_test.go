package page_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"eulogin.example/proto/kit/page"
)

func TestSecurityHeaders(t *testing.T) {
	s := site(t, secure)
	w := serve(s, get("/x"), func(w http.ResponseWriter, r *http.Request) error { return s.Render(w, r, 200, "x/form", data{}) })
	for k, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; " +
			"manifest-src 'self'; worker-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' https://idp.example",
		"Permissions-Policy":     "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
		"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Frame-Options": "DENY",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		"Strict-Transport-Security": "max-age=63072000; includeSubDomains", "Content-Type": "text/html; charset=utf-8", "Content-Language": "en",
	} {
		if got := w.Header().Get(k); got != want {
			t.Errorf("%s: %q, want %q", k, got, want)
		}
	}
	plain := site(t)
	if w := serve(plain, get("/x"), func(w http.ResponseWriter, r *http.Request) error { return nil }); w.Header().Get("Strict-Transport-Security") != "" || w.Header().Get("X-Frame-Options") != "DENY" {
		t.Errorf("without https, before rendering: %v", w.Header())
	}
}

func TestPagesMayWidenTheirPolicy(t *testing.T) {
	s := site(t)
	w := serve(s, get("/x"), func(w http.ResponseWriter, r *http.Request) error {
		ctx := page.AllowCamera(r.Context())
		for _, origin := range []string{"https://rp.example/callback?x=1", "javascript:alert(1)", "https://*", "https://a.example;script-src *", "https://b.example, c", ""} {
			ctx = page.AllowFormTo(ctx, origin)
		}
		return s.Render(w, r.WithContext(ctx), 200, "x/form", data{})
	})
	if csp := w.Header().Get("Content-Security-Policy"); !strings.HasSuffix(csp, "form-action 'self' https://idp.example https://rp.example") || strings.Contains(csp, "frame-src") {
		t.Errorf("CSP %q", csp)
	}
	if p := w.Header().Get("Permissions-Policy"); !strings.HasPrefix(p, "camera=(self),") {
		t.Errorf("camera: %q", p)
	}
	w = serve(s, get("/x"), func(w http.ResponseWriter, r *http.Request) error {
		ctx := r.Context()
		for _, address := range []string{"https://rp.example/out?a=1", "https://rp.example/other", "https://b.example:8443/out", "data:text/html,x", "https://*", "https://c.example 'unsafe-inline'"} {
			ctx = page.AllowFrame(ctx, address)
		}
		return s.Render(w, r.WithContext(ctx), 200, "x/form", data{})
	})
	if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "; frame-src https://rp.example https://b.example:8443; ") {
		t.Errorf("CSP %q", csp)
	}
}

// TestWritesOfOtherSitesAreRefused is security case 43. Origin "null" is what browsers send
// with a form under Referrer-Policy no-referrer, which is why pages use same-origin.
func TestWritesOfOtherSitesAreRefused(t *testing.T) {
	s := site(t)
	for _, tt := range []struct {
		site, origin string
		runs         bool
	}{
		{"cross-site", "https://evil.example", false}, {"same-site", "https://cpms.example", false}, {"", "https://evil.example", false}, {"", "null", false},
		{"same-origin", "null", true}, {"same-origin", "https://idp.example", true}, {"", "https://idp.example", true}, {"", "", true},
	} {
		r := httptest.NewRequest("POST", "https://idp.example/x", strings.NewReader("a=b"))
		for k, v := range map[string]string{"Sec-Fetch-Site": tt.site, "Origin": tt.origin} {
			if v != "" {
				r.Header.Set(k, v)
			}
		}
		ran := false
		w := serve(s, r, func(http.ResponseWriter, *http.Request) error { ran = true; return nil })
		if ran != tt.runs {
			t.Errorf("%+v: ran %v", tt, ran)
		}
		if !ran && (w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "This form came from another site")) {
			t.Errorf("%+v: %d\n%s", tt, w.Code, w.Body)
		}
	}
}

func TestHeadHasHeadersAndNoBody(t *testing.T) {
	s := site(t)
	w := serve(s, httptest.NewRequest("HEAD", "/x", nil), func(w http.ResponseWriter, r *http.Request) error { return s.Render(w, r, 200, "x/form", data{}) })
	if w.Code != 200 || w.Body.Len() != 0 || w.Header().Get("Content-Type") == "" {
		t.Errorf("%d, %d bytes, %v", w.Code, w.Body.Len(), w.Header())
	}
}

// TestHalfPagesAreNotSent: a template that fails in the middle becomes an error page.
func TestHalfPagesAreNotSent(t *testing.T) {
	s := site(t)
	w := serve(s, get("/x"), func(w http.ResponseWriter, r *http.Request) error {
		return s.Render(w, r, 200, "x/form", struct{ Value string }{"half"})
	})
	if body := w.Body.String(); w.Code != 500 || strings.Contains(body, "half") || strings.Count(body, "<html") != 1 {
		t.Errorf("%d\n%s", w.Code, body)
	}
}
