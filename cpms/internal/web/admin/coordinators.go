package admin

import (
	"net/http"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/network"
	"eulogin.example/cpms/internal/web/guard"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

// holdersMost is how many coordinators the page lists.
const holdersMost = 1000

type holder struct {
	PersonID, Slug, Name, Email, Network string
	Since                                time.Time
}

// proposal is a coordinator whom one administrator proposed.
type proposal struct {
	PersonID, Slug, Name, Email, Network, By string
	At                                       time.Time
	Confirm                                  bool // the viewer may
}

// here is the page of coordinators.
const here = "/admin/coordinators"

type coordinators struct {
	Proposals     []proposal
	Notice, Email string
	Rows          []holder
	Networks      []page.Option
	Errors        map[string]fault.Message
}

var coordinatorNotices = map[string]string{"proposed": "admin.notice.proposed", "dropped": "admin.notice.dropped", "given": "admin.notice.given", "taken": "admin.notice.taken"}

func (p *Pages) coordinators(w http.ResponseWriter, r *http.Request) error {
	return p.renderCoordinators(w, r, http.StatusOK, nil)
}

func (p *Pages) renderCoordinators(w http.ResponseWriter, r *http.Request, status int, failure error) error {
	list, err := p.Admin.Store.Holders(r.Context(), holdersMost)
	if err != nil {
		return err
	}
	proposals, err := p.proposals(r)
	if err != nil {
		return err
	}
	lang, chosen := p.Site.Lang(r), r.PostFormValue("network")
	d := coordinators{Proposals: proposals, Notice: coordinatorNotices[r.URL.Query().Get("notice")], Email: r.PostFormValue("email"), Errors: errors(failure)}
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

// proposals are those that wait for a second administrator.
func (p *Pages) proposals(r *http.Request) (out []proposal, err error) {
	list, err := p.Admin.Proposals(r.Context())
	if err != nil {
		return nil, err
	}
	me := guard.From(r.Context()).Person.ID
	for _, one := range list {
		who, err := p.People.PersonByID(r.Context(), one.PersonID)
		if err != nil {
			return nil, err
		}
		from, err := p.People.PersonByID(r.Context(), one.ByID)
		if err != nil {
			return nil, err
		}
		n, _ := network.BySlug(one.Network)
		out = append(out, proposal{one.PersonID, one.Network, who.Name(), who.Email, n.Code, from.Name(), one.At, one.ByID != me && one.PersonID != me})
	}
	return out, nil
}

func (p *Pages) propose(w http.ResponseWriter, r *http.Request) error {
	err := p.Admin.Propose(r.Context(), by(r), r.PostFormValue("email"), r.PostFormValue("network"))
	return p.done(w, r, err, here+"?notice=proposed", here, func(err error) error {
		return p.renderCoordinators(w, r, http.StatusUnprocessableEntity, err)
	})
}

func (p *Pages) confirm(w http.ResponseWriter, r *http.Request) error {
	err := p.Admin.Confirm(r.Context(), by(r), r.PostFormValue("person"), r.PostFormValue("network"))
	return p.done(w, r, err, here+"?notice=given", here, nil)
}

func (p *Pages) drop(w http.ResponseWriter, r *http.Request) error {
	err := p.Admin.Drop(r.Context(), by(r), r.PostFormValue("person"), r.PostFormValue("network"))
	return p.done(w, r, err, here+"?notice=dropped", here, nil)
}

func (p *Pages) take(w http.ResponseWriter, r *http.Request) error {
	err := p.Admin.Take(r.Context(), by(r), r.PostFormValue("person"), r.PostFormValue("network"))
	return p.done(w, r, err, here+"?notice=taken", here, nil)
}
