// Package admin holds the administrators' pages: coordinators, networks, hospitals and
// deputies.
package admin

import (
	"net/http"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/admin"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/web/guard"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

// Pages are the administrators' pages.
type Pages struct {
	Site   *page.Site
	Guard  *guard.Guard
	Admin  *admin.Service
	Access *access.Service
	People person.Store
	Now    func() time.Time
}

// Mount adds the routes.
func (p *Pages) Mount(mux *http.ServeMux) {
	for route, h := range map[string]guard.Handler{
		"GET /admin":                         p.home,
		"GET /admin/coordinators":            p.coordinators,
		"POST /admin/coordinators":           p.propose,
		"POST /admin/coordinators/confirm":   p.confirm,
		"POST /admin/coordinators/drop":      p.drop,
		"POST /admin/coordinators/take":      p.take,
		"GET /admin/networks":                p.networks,
		"GET /admin/networks/{slug}":         p.network,
		"POST /admin/networks/{slug}":        p.setNetwork,
		"GET /admin/hospitals":               p.hospitals,
		"POST /admin/hospitals":              p.addHospital,
		"POST /admin/hospitals/{id}/disable": p.disable(true),
		"POST /admin/hospitals/{id}/enable":  p.disable(false),
		"GET /admin/deputies":                p.deputies,
		"POST /admin/deputies/{id}/end":      p.endDeputy,
	} {
		mux.Handle(route, p.Site.Handle(p.Guard.Require(p.only(h))))
	}
}

// only lets administrators in; for others the page is denied before anything is read.
func (p *Pages) only(h guard.Handler) guard.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := p.Admin.May(r.Context(), guard.From(r.Context()).Person); err != nil {
			return err
		}
		return h(w, r)
	}
}

func (p *Pages) home(w http.ResponseWriter, r *http.Request) error {
	return p.Site.Render(w, r, http.StatusOK, "admin/index", nil)
}

func by(r *http.Request) admin.By {
	v := guard.From(r.Context())
	return admin.By{Person: v.Person, Strength: v.Strength(), ACR: v.Session.ACR}
}

// done ends a change: back to a page when it was made, to idp when the sign-in is not fresh
// enough, and to show again what was typed when the form is at fault.
func (p *Pages) done(w http.ResponseWriter, r *http.Request, err error, to, form string, again func(error) error) error {
	switch {
	case err == nil:
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	case fault.CodeOf(err) == access.ErrLevel.Code:
		return p.Guard.StepUp(w, r, form)
	case fault.CodeOf(err) == admin.ErrInvalid.Code && again != nil:
		return again(err)
	}
	return err
}

func errors(err error) map[string]fault.Message {
	if e := fault.As(err); e != nil {
		return e.Fields
	}
	return nil
}
