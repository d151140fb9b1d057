// Package desk is the coordinator's desk: the queue, one request with its context, and the
// decision.
package desk

import (
	"net/http"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/profile"
	"eulogin.example/cpms/internal/web/guard"
	"eulogin.example/proto/kit/page"
)

// Pages are the coordinator's pages.
type Pages struct {
	Site     *page.Site
	Guard    *guard.Guard
	Access   *access.Service
	Profiles *profile.Service
	People   person.Store
	Now      func() time.Time
}

// Mount adds the routes.
func (p *Pages) Mount(mux *http.ServeMux) {
	mux.Handle("GET /desk", p.Site.Handle(p.Guard.Require(p.queue)))
	mux.Handle("GET /desk/statistics", p.Site.Handle(p.Guard.Require(p.statistics)))
	mux.Handle("POST /desk/export", p.Site.Handle(p.Guard.Require(p.export)))
	mux.Handle("GET /desk/deputies", p.Site.Handle(p.Guard.Require(p.deputies)))
	mux.Handle("POST /desk/deputies", p.Site.Handle(p.Guard.Require(p.nameDeputy)))
	mux.Handle("POST /desk/deputies/{id}/end", p.Site.Handle(p.Guard.Require(p.endDeputy)))
	mux.Handle("POST /decisions", p.Site.Handle(p.Guard.Require(p.choose)))
	mux.Handle("GET /decisions/{id}", p.Site.Handle(p.Guard.Require(p.bulk)))
	mux.Handle("POST /decisions/{id}/carry", p.Site.Handle(p.Guard.Require(p.carry)))
	mux.Handle("POST /decisions/{id}/undo", p.Site.Handle(p.Guard.Require(p.undo)))
	mux.Handle("GET /desk/{id}", p.Site.Handle(p.Guard.Require(p.show)))
	mux.Handle("POST /desk/{id}/remark", p.Site.Handle(p.Guard.Require(p.remark)))
	mux.Handle("POST /desk/{id}/decide", p.Site.Handle(p.Guard.Require(p.decide)))
	mux.Handle("POST /desk/{id}/revoke", p.Site.Handle(p.Guard.Require(p.revoke)))
	for _, command := range []string{"decide", "revoke"} { // where a browser's back button may lead
		mux.HandleFunc("GET /desk/{id}/"+command, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/desk/"+r.PathValue("id"), http.StatusSeeOther)
		})
	}
}
