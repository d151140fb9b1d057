package admin

import (
	"net/http"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/network"
)

// deputiesMost is how many deputies the page lists.
const deputiesMost = 500

type deputy struct {
	ID, Network, Coordinator, Deputy string
	From, Last                       time.Time
	Now                              bool
}

type deputies struct {
	Notice string
	Rows   []deputy
}

func (p *Pages) deputies(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Access.Store.DeputiesOf(r.Context(), "", p.Now(), deputiesMost)
	if err != nil {
		return err
	}
	d := deputies{}
	if r.URL.Query().Get("notice") == "ended" {
		d.Notice = "deputy.notice.ended"
	}
	for _, one := range list {
		row, err := p.deputyRow(r, one)
		if err != nil {
			return err
		}
		d.Rows = append(d.Rows, row)
	}
	return p.Site.Render(w, r, http.StatusOK, "admin/deputies", d)
}

func (p *Pages) deputyRow(r *http.Request, d access.Deputy) (deputy, error) {
	n, _ := network.BySlug(d.Network)
	absent, err := p.People.PersonByID(r.Context(), d.CoordinatorID)
	if err != nil {
		return deputy{}, err
	}
	who, err := p.People.PersonByID(r.Context(), d.DeputyID)
	return deputy{d.ID, n.Code, absent.Name(), who.Name(), d.From, d.Until.Add(-time.Second), d.Stands(p.Now())}, err
}

func (p *Pages) endDeputy(w http.ResponseWriter, r *http.Request) error {
	const page = "/admin/deputies"
	b := by(r)
	err := error(access.ErrLevel)
	if b.Strength.Enough(p.Now()) {
		err = p.Access.EndDeputy(r.Context(), b.Person, r.PathValue("id"), true, b.ACR)
	}
	return p.done(w, r, err, page+"?notice=ended", page, nil)
}
