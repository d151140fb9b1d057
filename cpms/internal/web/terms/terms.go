// Package terms holds the pages of the terms of use and the privacy statement: the text in force
// and every older one.
package terms

import (
	"fmt"
	"net/http"
	"time"

	"eulogin.example/cpms/internal/terms"
	"eulogin.example/proto/kit/page"
)

// Pages are public.
type Pages struct {
	Site *page.Site
	Now  func() time.Time
}

// Mount adds the routes.
func (p *Pages) Mount(mux *http.ServeMux) {
	for _, d := range []terms.Document{terms.OfUse, terms.Privacy} {
		show := p.Site.Handle(func(w http.ResponseWriter, r *http.Request) error { return p.show(w, r, d) })
		mux.Handle("GET /"+string(d), show)
		mux.Handle("GET /"+string(d)+"/version/{version}", show)
	}
}

// version is a line of the list of versions.
type version struct {
	Href    string
	From    time.Time
	Until   time.Time
	Current bool // the one that is shown
}

type data struct {
	Title       string
	Paragraphs  []string // keys of texts
	From, Until time.Time
	Versions    []version
	Rights      bool // the privacy statement leads to the copy of one's data
}

// show gives the version of the address, or the one in force.
func (p *Pages) show(w http.ResponseWriter, r *http.Request, d terms.Document) error {
	all, wanted := terms.History(d, p.Now()), r.PathValue("version")
	if wanted == "" {
		wanted = all[0].Version
	}
	out := data{Title: "terms.title." + string(d), Rights: d == terms.Privacy}
	for i, s := range all {
		v := version{Href: "/" + string(d) + "/version/" + s.Version, From: s.From, Until: s.Until, Current: s.Version == wanted}
		if i == 0 {
			v.Href = "/" + string(d)
		}
		out.Versions = append(out.Versions, v)
		if !v.Current {
			continue
		}
		out.From, out.Until = s.From, s.Until
		for n := range s.Paragraphs {
			out.Paragraphs = append(out.Paragraphs, fmt.Sprintf("text.%s.%s.%d", d, s.Version, n+1))
		}
	}
	if out.Paragraphs == nil {
		return page.ErrNotFound
	}
	return p.Site.Render(w, r, http.StatusOK, "terms/text", out)
}
