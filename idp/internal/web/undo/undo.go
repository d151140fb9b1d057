package undo

import (
	"context"
	"errors"
	"net/http"

	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/journal"
	"eulogin.example/proto/kit/page"
)

// Changes looks at a change and undoes it.
type Changes interface {
	Look(ctx context.Context, token string) (factor.Change, error)
	Do(ctx context.Context, token string) (factor.Change, error)
}

// Pages are the pages; every field is required.
type Pages struct {
	Site    *page.Site
	Changes Changes
}

// Mount registers the routes.
func (p *Pages) Mount(mux *http.ServeMux) {
	mux.Handle("GET "+journal.Path+"{token}", p.Site.Handle(p.ask))
	mux.Handle("POST "+journal.Path+"{token}", p.Site.Handle(p.do))
}

// shown is a change as the page tells it; it holds nothing of the account.
type shown struct {
	factor.Change
	Title, Text, Method string
	Token               string
}

func (p *Pages) shown(r *http.Request, c factor.Change) shown {
	lang, name := p.Site.Lang(r), ""
	if c.Name != "" {
		name = " “" + c.Name + "”"
	}
	method := p.Site.T(lang, "undo.method."+string(c.Method)) + name
	return shown{
		Change: c, Method: method, Token: r.PathValue("token"),
		Title: p.Site.T(lang, "undo."+string(c.Action)+".title"), Text: p.Site.T(lang, "undo."+string(c.Action)+".text", method),
	}
}

// ask shows what would be undone; scanners of mails may look as often as they like.
func (p *Pages) ask(w http.ResponseWriter, r *http.Request) error {
	c, err := p.Changes.Look(r.Context(), r.PathValue("token"))
	if err != nil {
		return p.over(w, r, err)
	}
	return p.Site.Render(w, r, http.StatusOK, "undo/ask", p.shown(r, c))
}

func (p *Pages) do(w http.ResponseWriter, r *http.Request) error {
	c, err := p.Changes.Do(r.Context(), r.PathValue("token"))
	if err != nil {
		return p.over(w, r, err)
	}
	return p.Site.Render(w, r, http.StatusOK, "undo/done", p.shown(r, c))
}

// ends are the ways in which there is nothing to undo, each with its own page text.
var ends = []struct {
	err error
	key string
}{{journal.ErrLink, "undo.over.unknown"}, {journal.ErrUndone, "undo.over.done"}, {journal.ErrMoot, "undo.over.moot"}}

func (p *Pages) over(w http.ResponseWriter, r *http.Request, err error) error {
	for _, e := range ends {
		if errors.Is(err, e.err) {
			lang := p.Site.Lang(r)
			return p.Site.Render(w, r, http.StatusGone, "undo/over", shown{Title: p.Site.T(lang, e.key+".title"), Text: p.Site.T(lang, e.key+".text")})
		}
	}
	return err
}
