package page_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"
	"time"

	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

// form uses every part, as doc.go shows them.
const form = `{{define "title"}}{{t "x.title"}}{{end}}{{define "content"}}<h1>{{t "x.title"}}</h1>
{{template "error-summary" .Data.Errors}}
<form method="post">{{template "field" (dict "name" "email" "label" (t "x.label") "help" (t "x.label") "value" .Data.Value "error" .Data.Errors.email "required" true)}}
{{template "field" (dict "name" "user" "label" (t "x.label") "value" .Data.Value "readonly" true)}}
{{template "select" (dict "name" "s" "label" (t "x.label") "options" .Data.Options "error" (err .Data.Errors "s"))}}
{{template "radios" (dict "name" "r" "label" (t "x.label") "help" (t "x.label") "options" .Data.Options "error" (err .Data.Errors "r") "required" true)}}
{{template "checkboxes" (dict "name" "c" "label" (t "x.label") "options" .Data.Options)}}
{{template "checkbox" (dict "name" "one" "label" (th "x.link" .Data.Value) "help" (t "x.label") "error" (err .Data.Errors "one") "required" true)}}
{{template "textarea" (dict "name" "text" "label" (t "x.label") "value" .Data.Value "error" (err .Data.Errors "text"))}}
{{template "button" (dict "text" .Data.Value)}}{{template "button" (dict "text" "a" "kind" "ghost" "href" .Data.Value)}}{{template "button" (dict "text" "a" "secondary" true "name" "go" "value" .Data.Value)}}</form>
{{template "notification" (dict "kind" "info" "title" .Data.Value "text" (t "x.two" .Data.Value "second"))}}
{{template "progress-steps" (dict "label" (t "x.title") "current" 2 "steps" (list "a" "b"))}}
<a id="link" href="{{.Data.Value}}">x</a> <time>{{datetime .Data.At}}</time>{{end}}{{define "scripts"}}<script type="module" src="{{static "js/x.js"}}"></script>{{end}}`

type data struct {
	Value   string
	Errors  map[string]fault.Message
	Options []page.Option
	At      time.Time
}

func texts(lang string) string {
	return `{"x.title": "Title ` + lang + `", "x.label": "Label", "x.link": "Read <a href=\"{0}\">this</a>, {0}", "x.bad": "Not {0}", "x.two": "{0} and {1}",
		"error.x.gone.title": "Gone ` + lang + `", "error.x.gone.text": "Start again"}`
}

func files() (templates, locales fstest.MapFS) {
	return fstest.MapFS{"x/form.html": {Data: []byte(form)}}, fstest.MapFS{
		"en/x.json": {Data: []byte(texts("en"))}, "fr/x.json": {Data: []byte(texts("fr"))}, "de/x.json": {Data: []byte(texts("de"))},
	}
}

// config is a whole service's; change says what a test wants otherwise.
func config(change ...func(*page.Config)) page.Config {
	templates, locales := files()
	c := page.Config{
		Templates: templates, Locales: locales, Static: fstest.MapFS{"js/x.js": {Data: []byte("1")}, "app.webmanifest": {Data: []byte("{}")}},
		Product: "Product", CookiePrefix: "x_", Demo: true, FormAction: []string{"https://idp.example"},
		Log: slog.New(slog.NewTextHandler(&bytes.Buffer{}, nil)),
	}
	for _, f := range change {
		f(&c)
	}
	return c
}

func site(t *testing.T, change ...func(*page.Config)) *page.Site {
	t.Helper()
	s, err := page.New(config(change...))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func secure(c *page.Config) { c.Secure = true }

// serve runs one request through the whole chain.
func serve(s *page.Site, r *http.Request, h func(http.ResponseWriter, *http.Request) error) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.Middleware(s.Handle(h)).ServeHTTP(w, r)
	return w
}

// show renders the form.
func show(t *testing.T, s *page.Site, r *http.Request, d data) string {
	t.Helper()
	w := serve(s, r, func(w http.ResponseWriter, r *http.Request) error { return s.Render(w, r, http.StatusOK, "x/form", d) })
	if w.Code != http.StatusOK {
		t.Fatalf("%d\n%s", w.Code, w.Body)
	}
	return w.Body.String()
}

func get(target string) *http.Request { return httptest.NewRequest(http.MethodGet, target, nil) }
