package app

import (
	"net/http"

	"eulogin.example/cpms/internal/web/guard"
	"eulogin.example/proto/kit/page"
)

// texts are the pages of plain text: title and paragraphs.
type texts struct {
	Title      string
	Paragraphs []string
}

// common adds what every site has.
func (a *app) common(mux *http.ServeMux) {
	for path, t := range map[string]texts{
		"/cookies":       {"info.cookies.title", []string{"info.cookies.1"}},
		"/accessibility": {"info.accessibility.title", []string{"info.accessibility.1"}},
	} {
		mux.Handle("GET "+path, a.site.Handle(func(w http.ResponseWriter, r *http.Request) error {
			return a.site.Render(w, r, http.StatusOK, "kit/text", t)
		}))
	}
	mux.HandleFunc("POST /language", a.site.SetLanguage)
	mux.Handle("GET /static/", a.site.StaticHandler())
	mux.Handle("/", a.site.Handle(func(http.ResponseWriter, *http.Request) error { return page.ErrNotFound }))
}

// nav is the navigation of somebody who is signed in.
func (a *app) nav(r *http.Request) page.Nav {
	if guard.From(r.Context()).Person.ID == "" {
		return page.Nav{}
	}
	n := page.Nav{SignOut: "/signout"}
	for _, l := range []page.Link{{Key: "home.nav.home", Href: "/screen/home"}, {Key: "home.nav.profile", Href: "/profile"}, {Key: "home.nav.request", Href: "/request/new"}} {
		l.Current = r.URL.Path == l.Href
		n.Links = append(n.Links, l)
	}
	return n
}
