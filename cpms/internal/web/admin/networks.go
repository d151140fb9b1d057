package admin

import (
	"net/http"
	"slices"
	"strconv"

	"eulogin.example/cpms/internal/admin"
	"eulogin.example/cpms/internal/network"
	"eulogin.example/proto/kit/fault"
)

type networks struct {
	Notice string
	Rows   []network.Network
}

func (p *Pages) networks(w http.ResponseWriter, r *http.Request) error {
	if err := p.Admin.Refresh(r.Context()); err != nil { // another replica may have changed it
		return err
	}
	d := networks{Rows: network.All()}
	if r.URL.Query().Get("notice") == "set" {
		d.Notice = "admin.notice.set"
	}
	return p.Site.Render(w, r, http.StatusOK, "admin/networks", d)
}

type oneNetwork struct {
	network.Network
	Address string // as typed
	Shut    bool
	Version int64
	Errors  map[string]fault.Message
}

func (p *Pages) network(w http.ResponseWriter, r *http.Request) error {
	return p.renderNetwork(w, r, http.StatusOK, nil)
}

func (p *Pages) renderNetwork(w http.ResponseWriter, r *http.Request, status int, failure error) error {
	o, err := p.Admin.Store.Overlay(r.Context())
	if err != nil {
		return err
	}
	n, ok := network.BySlug(r.PathValue("slug"))
	if !ok {
		return admin.ErrUnknown
	}
	d := oneNetwork{Network: n, Address: n.Helpdesk, Shut: n.Closed, Errors: errors(failure)}
	if i := slices.IndexFunc(o.Settings, func(s network.Setting) bool { return s.Slug == n.Slug }); i >= 0 {
		d.Address, d.Shut, d.Version = o.Settings[i].Helpdesk, o.Settings[i].Closed, o.Settings[i].Version
	}
	if failure != nil {
		d.Address, d.Shut = r.PostFormValue("helpdesk"), r.PostFormValue("closed") == "on"
	}
	return p.Site.Render(w, r, status, "admin/network", d)
}

func (p *Pages) setNetwork(w http.ResponseWriter, r *http.Request) error {
	here := "/admin/networks/" + r.PathValue("slug")
	version, _ := strconv.ParseInt(r.PostFormValue("version"), 10, 64)
	set := network.Setting{Slug: r.PathValue("slug"), Helpdesk: r.PostFormValue("helpdesk"), Closed: r.PostFormValue("closed") == "on"}
	err := p.Admin.SetNetwork(r.Context(), by(r), set, version)
	return p.done(w, r, err, "/admin/networks?notice=set", here, func(err error) error {
		return p.renderNetwork(w, r, http.StatusUnprocessableEntity, err)
	})
}
