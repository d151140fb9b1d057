// Package home is the page that everybody starts from: public, then the five lines that say
// where somebody is, then the access that was granted.
package home

import (
	"context"
	"net/http"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/network"
	"eulogin.example/cpms/internal/profile"
	"eulogin.example/cpms/internal/web/guard"
	"eulogin.example/cpms/internal/web/show"
	"eulogin.example/proto/kit/page"
)

// Pages is the home page.
type Pages struct {
	Site     *page.Site
	Guard    *guard.Guard
	Profiles *profile.Service
	Access   *access.Service
	Now      func() time.Time
	IDP      string // idp's address, for "Manage my mobile devices"
}

// Mount adds the routes.
func (p *Pages) Mount(mux *http.ServeMux) {
	mux.Handle("GET /screen/home", p.Site.Handle(p.home))
	mux.Handle("POST /access/{id}/extend", p.Site.Handle(p.Guard.Require(p.extend)))
	mux.Handle("GET /access/{id}/giveback", p.Site.Handle(p.Guard.Require(p.askBack)))
	mux.Handle("POST /access/{id}/giveback", p.Site.Handle(p.Guard.Require(p.giveBack)))
	mux.Handle("GET /{$}", http.RedirectHandler("/screen/home", http.StatusSeeOther))
}

type notice struct{ Kind, Title, Text string }

var notices = map[string]*notice{
	"canceled":  {"warning", "home.notice.canceled.title", "home.notice.canceled.text"},
	"givenback": {"success", "home.notice.givenback.title", "home.notice.givenback.text"},
	"signedout": {"success", "home.notice.signedout.title", "home.notice.signedout.text"},
}

// line is one of the five lines of "where you are".
type line struct {
	Text           string
	Done           bool
	Link, LinkText string
}

type request struct {
	ID, Network, RoleKey, StatusKey, Tag string
	When                                 time.Time
}

type data struct {
	Notice            *notice
	SignedIn, IsGuest bool
	Name              string
	Lines             []line
	Grants            []grant
	Requests          []request
	CanRequest, Desks bool
	Admin             bool
	Open              int
}

func (p *Pages) home(w http.ResponseWriter, r *http.Request) error {
	v, ok, err := p.Guard.Visitor(r)
	if err != nil {
		return err
	}
	d := data{Notice: notices[r.URL.Query().Get("notice")], SignedIn: ok}
	if !ok {
		return p.Site.Render(w, r, http.StatusOK, "home/index", d)
	}
	if err := p.fill(r, v, &d); err != nil {
		return err
	}
	r = r.WithContext(guard.With(r.Context(), v))
	return p.Site.Render(w, r, http.StatusOK, "home/index", d)
}

func (p *Pages) fill(r *http.Request, v guard.Visitor, d *data) error {
	ctx := r.Context()
	prof, err := p.Profiles.Of(ctx, v.Person.ID)
	if err != nil {
		return err
	}
	requests, err := p.Access.Store.RequestsOf(ctx, v.Person.ID)
	if err != nil {
		return err
	}
	grants, err := p.Access.Store.GrantsOf(ctx, v.Person.ID)
	if err != nil {
		return err
	}
	d.Name, d.IsGuest = v.Person.Name(), true
	submitted := false
	for _, q := range requests {
		submitted = submitted || q.State != access.Draft
		n, _ := network.BySlug(q.Network)
		name := n.Name()
		if q.Network == "" {
			name = "–"
		}
		d.Requests = append(d.Requests, request{q.ID, name, show.RoleKey(q.Role), "status." + string(q.State), show.Tag(q.State), q.UpdatedAt})
	}
	for _, g := range current(grants, p.Now()) {
		d.IsGuest = d.IsGuest && !g.Opens(p.Now())
		d.Grants = append(d.Grants, shown(g, p.Now()))
	}
	d.CanRequest = true
	d.Lines = p.lines(v, prof.Complete(), submitted, !d.IsGuest)
	return p.offices(ctx, v, d)
}

// offices says what the person keeps for others: a desk, the administration.
func (p *Pages) offices(ctx context.Context, v guard.Visitor, d *data) (err error) {
	if d.Admin, err = p.Access.Store.Administers(ctx, v.Person.ID); err != nil {
		return err
	}
	networks, err := p.Access.Networks(ctx, v.Person)
	if d.Desks = len(networks) > 0; err != nil || !d.Desks {
		return err
	}
	counts, err := p.Access.Counts(ctx, v.Person)
	d.Open = counts.All
	return err
}

func (p *Pages) lines(v guard.Visitor, profile, submitted, granted bool) []line {
	factor := line{Text: "home.status.factor", Done: v.Strength().Medium}
	if !factor.Done {
		factor.Link, factor.LinkText = p.IDP+"/account/devices", "home.status.factor.link"
	}
	prof := line{Text: "home.status.profile", Done: profile, Link: "/profile", LinkText: "home.status.profile.link"}
	if profile {
		prof.LinkText = "home.status.profile.view"
	}
	req := line{Text: "home.status.request", Done: submitted}
	if !submitted {
		req.Link, req.LinkText = "/request/new", "home.status.request.link"
	}
	return []line{{Text: "home.status.account", Done: true}, factor, prof, req, {Text: "home.status.access", Done: granted}}
}
