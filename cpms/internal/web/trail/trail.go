// Package trail shows people who looked at their data and what others decided about it
// (domain.md row 39).
package trail

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/network"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/web/guard"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

// Pages is the page "Who looked at my data".
type Pages struct {
	Site   *page.Site
	Guard  *guard.Guard
	Access *access.Service
	People person.Store
	Now    func() time.Time
}

// perPage is how many lines a page has.
const perPage = 50

// Mount adds the route.
func (p *Pages) Mount(mux *http.ServeMux) {
	mux.Handle("GET /trail", p.Site.Handle(p.Guard.Require(p.show)))
}

type line struct {
	At                 time.Time
	Who, Key, Network  string
	WhoKey, RequestRef string
}

type data struct {
	Lines []line
	Older string
}

// show gives one page of the visitor's own trail; "before" is where the page before ended.
func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	me := guard.From(r.Context()).Person
	before := p.Now().Add(time.Minute)
	if micros, err := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64); err == nil && micros > 0 {
		before = time.UnixMicro(micros)
	}
	events, err := p.Access.Store.Trail(r.Context(), me.ID, before, perPage)
	if err != nil {
		return err
	}
	var d data
	names := map[string]line{}
	for _, e := range events {
		who, ok := names[e.Actor]
		if !ok {
			if who, err = p.who(r.Context(), e.Actor); err != nil {
				return err
			}
			names[e.Actor] = who
		}
		n, _ := network.BySlug(e.Detail["network"])
		l := line{At: e.At, Who: who.Who, WhoKey: who.WhoKey, Key: "event." + e.Action, Network: n.Code}
		if e.Detail["network"] != "" {
			l.RequestRef = e.Object
		}
		d.Lines = append(d.Lines, l)
	}
	if len(events) == perPage {
		d.Older = strconv.FormatInt(events[perPage-1].At.UnixMicro(), 10)
	}
	return p.Site.Render(w, r, http.StatusOK, "trail/index", d)
}

// who names an actor: a person by name, a service by what it is. Somebody whose record was
// erased has no name any more.
func (p *Pages) who(ctx context.Context, actor string) (line, error) {
	switch actor {
	case audit.IDP, audit.Clock, audit.Operator, audit.Referee:
		return line{WhoKey: "trail.who." + actor}, nil
	}
	someone, err := p.People.PersonByID(ctx, actor)
	if fault.KindOf(err) == fault.NotFound || err == nil && someone.Name() == "" {
		return line{WhoKey: "trail.who.gone"}, nil
	}
	return line{Who: someone.Name()}, err
}
