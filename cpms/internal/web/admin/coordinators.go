package admin

import (
	"net/http"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/network"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

// holdersMost is how many coordinators the page lists.
const holdersMost = 1000

type holder struct {
	PersonID, Slug, Name, Email, Network string
	Since                                time.Time
}

type coordinators struct {
	Notice, Email string
	Rows          []holder
	Networks      []page.Option
	Errors        map[string]fault.Message
}

var coordinatorNotices = map[string]string{"given": "admin.notice.given", "taken": "admin.notice.taken"}

func (p *Pages) coordinators(w http.ResponseWriter, r *http.Request) error {
	return p.renderCoordinators(w, r, http.StatusOK, nil)
}

func (p *Pages) renderCoordinators(w http.ResponseWriter, r *http.Request, status int, failure error) error {
	list, err := p.Admin.Store.Holders(r.Context(), holdersMost)
	if err != nil {
		return err
	}
	lang, chosen := p.Site.Lang(r), r.PostFormValue("network")
	d := coordinators{Notice: coordinatorNotices[r.URL.Query().Get("notice")], Email: r.PostFormValue("email"), Errors: errors(failure)}
	for _, h := range list {
		n, _ := network.BySlug(h.Network)
		if h.Network == access.AllNetworks {
			n.Code = p.Site.T(lang, "desk.queue.all")
		}
		if h.Name == "" {
			h.Name = h.Subject
		}
		d.Rows = append(d.Rows, holder{h.PersonID, h.Network, h.Name, h.Email, n.Code, h.Since})
	}
	d.Networks = []page.Option{{Label: p.Site.T(lang, "profile.choose"), Selected: chosen == ""}}
	for _, n := range network.All() {
		d.Networks = append(d.Networks, page.Option{Value: n.Slug, Label: n.Name(), Selected: n.Slug == chosen})
	}
	return p.Site.Render(w, r, status, "admin/coordinators", d)
}

func (p *Pages) give(w http.ResponseWriter, r *http.Request) error {
	const here = "/admin/coordinators"
	err := p.Admin.Give(r.Context(), by(r), r.PostFormValue("email"), r.PostFormValue("network"))
	return p.done(w, r, err, here+"?notice=given", here, func(err error) error {
		return p.renderCoordinators(w, r, http.StatusUnprocessableEntity, err)
	})
}

func (p *Pages) take(w http.ResponseWriter, r *http.Request) error {
	const here = "/admin/coordinators"
	err := p.Admin.Take(r.Context(), by(r), r.PostFormValue("person"), r.PostFormValue("network"))
	return p.done(w, r, err, here+"?notice=taken", here, nil)
}
