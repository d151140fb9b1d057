package page_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

const form = `{{define "title"}}{{t "x.title"}}{{end}}{{define "content"}}<h1>{{t "x.title"}}</h1>
{{template "error-summary" .Data.Errors}}
<form method="post">{{template "field" (dict "name" "email" "label" (t "x.label") "help" (t "x.label") "value" .Data.Value "error" .Data.Errors.email "required" true)}}
{{template "select" (dict "name" "s" "label" (t "x.label") "options" .Data.Options)}}{{template "radios" (dict "name" "r" "label" (t "x.label") "options" .Data.Options)}}
{{template "checkboxes" (dict "name" "c" "label" (t "x.label") "options" .Data.Options)}}{{template "checkbox" (dict "name" "one" "label" (th "x.link" .Data.Value))}}
{{template "textarea" (dict "name" "text" "label" (t "x.label") "value" .Data.Value)}}{{template "button" (dict "text" (t "x.label"))}}</form>
{{template "notification" (dict "kind" "info" "title" (t "x.title"))}}{{template "progress-steps" (dict "label" (t "x.title") "current" 2 "steps" (list "a" "b"))}}
<a href="{{.Data.Value}}">x</a>{{datetime .Data.At}}{{end}}`

type data struct {
	Value   string
	Errors  map[string]fault.Message
	Options []page.Option
	At      time.Time
}

func texts(lang string) string {
	return `{"x.title": "Title ` + lang + ` {0}", "x.label": "Label", "x.link": "Read <a href=\"{0}\">this</a>", "x.bad": "Not {0}", "error.x.gone.title": "Gone ` + lang + `", "error.x.gone.text": "Start again"}`
}

func files() (templates, locales fstest.MapFS) {
	return fstest.MapFS{"x/form.html": {Data: []byte(form)}}, fstest.MapFS{
		"en/x.json": {Data: []byte(texts("en"))}, "fr/x.json": {Data: []byte(texts("fr"))}, "de/x.json": {Data: []byte(texts("de"))},
	}
}

func site(t *testing.T) *page.Site {
	t.Helper()
	templates, locales := files()
	s, err := page.New(page.Config{
		Templates: templates, Locales: locales, Static: fstest.MapFS{"js/x.js": {Data: []byte("1")}},
		Product: "Product", CookiePrefix: "x_", Demo: true, Secure: true, FormAction: []string{"https://idp.example"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// serve runs one request through the whole chain.
func serve(s *page.Site, r *http.Request, h func(http.ResponseWriter, *http.Request) error) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.Middleware(s.Handle(h)).ServeHTTP(w, r)
	return w
}

func TestPageReflectsNothingUnescaped(t *testing.T) {
	s := site(t)
	evil := `"><script>alert(1)</script>`
	w := serve(s, httptest.NewRequest("GET", "/x?lang=de&a="+url.QueryEscape(evil), nil), func(w http.ResponseWriter, r *http.Request) error {
		return s.Render(w, r, 200, "x/form", data{Value: evil, Errors: map[string]fault.Message{"email": {Key: "x.bad", Args: []any{evil}}}, Options: []page.Option{{Value: evil, Label: evil}}})
	})
	body := w.Body.String()
	if strings.Contains(body, "<script>") || strings.Contains(body, `"><`+"script") {
		t.Fatalf("unescaped:\n%s", body)
	}
	for _, want := range []string{`lang="de"`, "Title de", `aria-invalid="true"`, `aria-describedby="email-help email-error"`, `href="#f-email"`, "Demonstration"} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is missing in\n%s", want, body)
		}
	}
}

func TestScriptAddressesAreNeutralised(t *testing.T) {
	s := site(t)
	w := serve(s, httptest.NewRequest("GET", "/x", nil), func(w http.ResponseWriter, r *http.Request) error {
		return s.Render(w, r, 200, "x/form", data{Value: "javascript:alert(1)"})
	})
	if strings.Contains(w.Body.String(), `href="javascript:`) {
		t.Fatal("a javascript: address survived")
	}
}

func TestSecurityHeaders(t *testing.T) {
	s := site(t)
	w := serve(s, httptest.NewRequest("GET", "/x", nil), func(w http.ResponseWriter, r *http.Request) error {
		ctx := page.AllowCamera(page.AllowFormTo(page.AllowFormTo(r.Context(), "https://rp.example/callback"), "javascript:alert(1)"))
		return s.Render(w, r.WithContext(ctx), 200, "x/form", data{})
	})
	csp := w.Header().Get("Content-Security-Policy")
	if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || !strings.HasSuffix(csp, "form-action 'self' https://idp.example https://rp.example") {
		t.Errorf("CSP %q", csp)
	}
	for k, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "same-origin",
		"Strict-Transport-Security": "max-age=63072000; includeSubDomains", "X-Frame-Options": "DENY",
	} {
		if got := w.Header().Get(k); got != want {
			t.Errorf("%s: %q", k, got)
		}
	}
	if p := w.Header().Get("Permissions-Policy"); !strings.Contains(p, "camera=(self)") {
		t.Errorf("camera: %q", p)
	}
}

func TestWritesOfOtherSitesAreRefused(t *testing.T) {
	s := site(t)
	ran := false
	for _, h := range []map[string]string{{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "same-site"}} {
		r := httptest.NewRequest("POST", "https://idp.example/x", strings.NewReader("a=b"))
		for k, v := range h {
			r.Header.Set(k, v)
		}
		w := serve(s, r, func(http.ResponseWriter, *http.Request) error { ran = true; return nil })
		if w.Code != 403 || ran {
			t.Errorf("%v: %d, ran %v", h, w.Code, ran)
		}
	}
	r := httptest.NewRequest("POST", "https://idp.example/x", strings.NewReader("a=b"))
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if serve(s, r, func(http.ResponseWriter, *http.Request) error { ran = true; return nil }); !ran {
		t.Error("the site's own form was refused")
	}
}

func TestErrorsBecomePages(t *testing.T) {
	s := site(t)
	gone := fault.New(fault.Gone, "x.gone")
	tests := []struct {
		name   string
		err    error
		status int
		want   string
	}{
		{"by code", gone.Because(errors.New("row 7")), 410, "Gone en"},
		{"by kind", fault.New(fault.Denied, "x.other"), 403, "You may not do this"},
		{"unknown", errors.New("dial tcp 10.0.0.1: refused"), 500, "Something went wrong on our side"},
		{"limit", fault.New(fault.TooMany, "x.limit").After(2 * time.Minute), 429, "in 2 minutes"},
	}
	for _, tt := range tests {
		w := serve(s, httptest.NewRequest("GET", "/x", nil), func(http.ResponseWriter, *http.Request) error { return tt.err })
		body := w.Body.String()
		if w.Code != tt.status || !strings.Contains(body, tt.want) || strings.Contains(body, "10.0.0.1") || strings.Contains(body, "row 7") {
			t.Errorf("%s: %d\n%s", tt.name, w.Code, body)
		}
		if !strings.Contains(body, w.Header().Get("X-Request-Id")) || w.Header().Get("X-Request-Id") == "" {
			t.Errorf("%s: no reference", tt.name)
		}
	}
	r := httptest.NewRequest("GET", "/x", nil)
	r.Header.Set("Accept", "application/json")
	w := serve(s, r, func(http.ResponseWriter, *http.Request) error { return gone })
	if w.Header().Get("Content-Type") != "application/json" || !strings.Contains(w.Body.String(), `"x.gone"`) {
		t.Errorf("JSON: %s", w.Body.String())
	}
}

func TestLargeBodies(t *testing.T) {
	s := site(t)
	r := httptest.NewRequest("POST", "/x", strings.NewReader("a="+strings.Repeat("x", page.BodyLimit)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := serve(s, r, func(_ http.ResponseWriter, r *http.Request) error { return r.ParseForm() })
	if w.Code != 422 || !strings.Contains(w.Body.String(), "too much text") {
		t.Errorf("%d", w.Code)
	}
}

func TestLanguage(t *testing.T) {
	s := site(t)
	for name, tt := range map[string]struct{ target, cookie, accept, want string }{
		"default": {"/", "", "", "en"}, "browser": {"/", "", "pl, fr-BE;q=0.8, de;q=0.5", "fr"}, "cookie wins": {"/", "de", "fr", "de"},
		"query wins": {"/?lang=fr", "de", "", "fr"}, "ui_locales": {"/?ui_locales=xx+de-AT", "", "", "de"}, "unknown": {"/?lang=../../etc", "zz", "xx", "en"},
	} {
		r := httptest.NewRequest("GET", tt.target, nil)
		r.Header.Set("Accept-Language", tt.accept)
		if tt.cookie != "" {
			r.AddCookie(&http.Cookie{Name: "x_lang", Value: tt.cookie})
		}
		if got := s.Lang(r); got != tt.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestChangingTheLanguageStaysHere(t *testing.T) {
	s := site(t)
	for to, want := range map[string]string{"/account?x=1": "/account?x=1", "//evil.example": "/", "https://evil.example": "/", `/\evil.example`: "/", "": "/"} {
		r := httptest.NewRequest("POST", "/language", strings.NewReader(url.Values{"lang": {"fr"}, "to": {to}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		s.SetLanguage(w, r)
		if got := w.Header().Get("Location"); w.Code != 303 || got != want {
			t.Errorf("%q: %d %q", to, w.Code, got)
		}
	}
}

func TestCatalogueMustBeComplete(t *testing.T) {
	for name, spoil := range map[string]func(templates, locales fstest.MapFS){
		"missing in one language": func(_, l fstest.MapFS) {
			l["fr/x.json"] = &fstest.MapFile{Data: []byte(strings.Replace(texts("fr"), `"x.label": "Label", `, "", 1))}
		},
		"other placeholders": func(_, l fstest.MapFS) {
			l["de/x.json"] = &fstest.MapFile{Data: []byte(strings.Replace(texts("de"), "Not {0}", "Nicht", 1))}
		},
		"empty": func(_, l fstest.MapFS) {
			l["de/x.json"] = &fstest.MapFile{Data: []byte(strings.Replace(texts("de"), "Label", " ", 1))}
		},
		"twice": func(_, l fstest.MapFS) { l["en/y.json"] = &fstest.MapFile{Data: []byte(`{"x.label": "again"}`)} },
		"template names nothing": func(p, _ fstest.MapFS) {
			p["x/y.html"] = &fstest.MapFile{Data: []byte(`{{define "title"}}{{t "x.nothing"}}{{end}}`)}
		},
	} {
		templates, locales := files()
		spoil(templates, locales)
		if _, err := page.New(page.Config{Templates: templates, Locales: locales}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestStaticFiles(t *testing.T) {
	s := site(t)
	w := httptest.NewRecorder()
	s.StaticHandler().ServeHTTP(w, httptest.NewRequest("GET", s.StaticURL("js/x.js"), nil))
	if w.Code != 200 || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/javascript") {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	for _, p := range []string{"/static/x/../../etc/passwd", "/static/", "/static/abc/none.js"} {
		w := httptest.NewRecorder()
		s.Middleware(s.StaticHandler()).ServeHTTP(w, httptest.NewRequest("GET", p, nil))
		if w.Code != 404 {
			t.Errorf("%s: %d", p, w.Code)
		}
	}
}

func TestDates(t *testing.T) {
	at := time.Date(2026, 3, 1, 9, 5, 0, 0, time.FixedZone("CET", 3600))
	for lang, want := range map[string]string{"en": "1 March 2026 at 09:05 CET", "fr": "1er mars 2026 à 09:05 CET", "de": "1. März 2026, 09:05 Uhr CET"} {
		if got := page.DateTime(lang, at); got != want {
			t.Errorf("%s: %q", lang, got)
		}
	}
}

func FuzzLocalPath(f *testing.F) {
	for _, s := range []string{"/a", "//b", `/\c`, "/%2f/d", "javascript:x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := page.LocalPath(in)
		if !strings.HasPrefix(got, "/") || strings.HasPrefix(got, "//") || strings.ContainsAny(got, "\\\r\n\t") {
			t.Fatalf("%q leads to %q", in, got)
		}
	})
}
