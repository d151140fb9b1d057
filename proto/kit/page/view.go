package page

import (
	"bytes"
	"fmt"
	"net/http"
)

// View is the dot of every page template.
type View struct {
	Lang      string
	Path      string // address of this page, to come back to
	Product   string
	Home      string
	Demo      bool
	Person    *Person
	Nav       Nav
	Footer    []Link
	Languages []Language
	Data      any
}

// Language is one entry of the language chooser.
type Language struct {
	Code, Name string
	Current    bool
}

// Render writes a page. It is built in a buffer first, so that there is no half page.
func (s *Site) Render(w http.ResponseWriter, r *http.Request, status int, name string, data any) error {
	lang := s.Lang(r)
	t := s.pages[lang][name]
	if t == nil {
		return fmt.Errorf("page: no page %q", name)
	}
	var buf bytes.Buffer
	if err := t.ExecuteTemplate(&buf, "layout.html", s.view(r, lang, data)); err != nil {
		return fmt.Errorf("page: %s: %w", name, err)
	}
	h := w.Header()
	s.headers(h, r)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", lang)
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(buf.Bytes()) // the person has gone
	}
	return nil
}

func (s *Site) view(r *http.Request, lang string, data any) View {
	v := View{
		Lang: lang, Path: returnPath(r), Product: s.Product, Home: s.Home, Demo: s.Demo, Person: personOf(r.Context()),
		Footer: s.Footer, Data: data,
	}
	if s.Config.Nav != nil {
		v.Nav = s.Config.Nav(r)
	}
	for _, l := range s.Languages {
		v.Languages = append(v.Languages, Language{Code: l, Name: languageNames[l], Current: l == lang})
	}
	return v
}
