package home

import (
	"net/http"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/network"
	"eulogin.example/cpms/internal/web/guard"
	"eulogin.example/cpms/internal/web/show"
)

// grant is access on the home page.
type grant struct {
	ID, Network, RoleKey, Hospital, StatusKey, Tag string
	Starts, Ends, Revoked                          time.Time
	Reason                                         string // why it was taken back
	CanExtend, CanGiveBack                         bool
}

// shown makes access ready to be shown.
func shown(g access.Grant, now time.Time) grant {
	st := g.Status(now)
	n, _ := network.BySlug(g.Network)
	_, extend := access.NextGrant(st, access.Requester, access.Extend)
	_, back := access.NextGrant(st, access.Requester, access.GiveBack)
	return grant{
		ID: g.ID, Network: n.Name(), RoleKey: show.RoleKey(g.Role), Hospital: g.Hospital, StatusKey: "grant." + string(st), Tag: show.GrantTag(st),
		Starts: g.StartsAt, Ends: g.EndsAt, Revoked: g.RevokedAt, Reason: g.RevokedReason, CanExtend: extend, CanGiveBack: back,
	}
}

// current leaves out the grants that a later one of the list goes on from.
func current(grants []access.Grant, now time.Time) (out []access.Grant) {
	extended := map[string]bool{}
	for _, g := range grants {
		if g.Extends != "" && g.Status(now) != access.Pending {
			extended[g.Extends] = true
		}
	}
	for _, g := range grants {
		if !extended[g.ID] {
			out = append(out, g)
		}
	}
	return out
}

// extend makes the draft that asks for more of one's access, and shows it.
func (p *Pages) extend(w http.ResponseWriter, r *http.Request) error {
	q, err := p.Access.Extension(r.Context(), guard.From(r.Context()).Person, r.PathValue("id"))
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/request/"+q.ID, http.StatusSeeOther)
	return nil
}

// askBack asks whether somebody means to give their access back.
func (p *Pages) askBack(w http.ResponseWriter, r *http.Request) error {
	g, err := p.Access.OwnGrant(r.Context(), guard.From(r.Context()).Person, r.PathValue("id"))
	if err != nil {
		return err
	}
	return p.Site.Render(w, r, http.StatusOK, "home/giveback", shown(g, p.Now()))
}

// giveBack ends one's own access.
func (p *Pages) giveBack(w http.ResponseWriter, r *http.Request) error {
	v := guard.From(r.Context())
	if err := p.Access.GiveBack(r.Context(), v.Person, r.PathValue("id"), v.Session.ACR); err != nil {
		return err
	}
	http.Redirect(w, r, "/screen/home?notice=givenback", http.StatusSeeOther)
	return nil
}
