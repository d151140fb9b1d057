package page_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"eulogin.example/proto/kit/page"
)

// A service's own parts serve all of its pages, are no page, and name only texts that there are.
func TestAServiceHasPartsOfItsOwn(t *testing.T) {
	pages := func(parts string) func(*page.Config) {
		return func(c *page.Config) {
			c.Templates = fstest.MapFS{
				"parts.html": {Data: []byte(`{{define "own"}}` + parts + `{{end}}`)},
				"a/one.html": {Data: []byte(`{{define "title"}}x{{end}}{{define "content"}}{{template "own" .Data}}{{end}}`)},
			}
		}
	}
	s := site(t, pages(`<p>{{t "x.label"}} {{.}}</p>`))
	show := func(name string) func(http.ResponseWriter, *http.Request) error {
		return func(w http.ResponseWriter, r *http.Request) error {
			return s.Render(w, r, http.StatusOK, name, "<shared>")
		}
	}
	if w := serve(s, httptest.NewRequest("GET", "/", nil), show("a/one")); !strings.Contains(w.Body.String(), "<p>Label &lt;shared&gt;</p>") {
		t.Error(w.Body)
	}
	if w := serve(s, httptest.NewRequest("GET", "/", nil), show("parts")); w.Code != http.StatusInternalServerError {
		t.Errorf("the parts are a page: %d", w.Code)
	}
	if _, err := page.New(config(pages(`{{t "x.nowhere"}}`))); err == nil || !strings.Contains(err.Error(), "x.nowhere") {
		t.Errorf("a text that is not there: %v", err)
	}
}
