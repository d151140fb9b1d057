package desk

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/network"
	"eulogin.example/cpms/internal/web/guard"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

type deputy struct {
	ID, Network, Coordinator, Deputy string
	From, Last                       time.Time // Last is the last day
	Now                              bool
}

type deputies struct {
	Notice, Email, From, Until string
	May                        bool // name deputies; a deputy may only see and give back
	Rows                       []deputy
	Networks                   []page.Option
	Errors                     map[string]fault.Message
}

var deputyNotices = map[string]string{"named": "deputy.notice.named", "ended": "deputy.notice.ended"}

// typedAbsence is the form as it was typed.
type typedAbsence struct{ network, email, from, until string }

func (p *Pages) deputies(w http.ResponseWriter, r *http.Request) error {
	return p.renderDeputies(w, r, http.StatusOK, typedAbsence{}, nil)
}

func (p *Pages) renderDeputies(w http.ResponseWriter, r *http.Request, status int, typed typedAbsence, failure error) error {
	v, lang := guard.From(r.Context()), p.Site.Lang(r)
	own, err := p.Access.OwnNetworks(r.Context(), v.Person)
	if err != nil {
		return err
	}
	list, err := p.Access.Store.DeputiesOf(r.Context(), v.Person.ID, p.Now(), 100)
	if err != nil {
		return err
	}
	if len(own)+len(list) == 0 {
		return access.ErrNoDesk
	}
	d := deputies{Notice: deputyNotices[r.URL.Query().Get("notice")], Email: typed.email, From: typed.from, Until: typed.until, May: len(own) > 0}
	for _, one := range list {
		row, err := p.deputyRow(r, one)
		if err != nil {
			return err
		}
		d.Rows = append(d.Rows, row)
	}
	d.Networks = []page.Option{{Label: p.Site.T(lang, "profile.choose"), Selected: typed.network == ""}}
	for _, n := range network.All() {
		if slices.Contains(own, access.AllNetworks) || slices.Contains(own, n.Slug) {
			d.Networks = append(d.Networks, page.Option{Value: n.Slug, Label: n.Name(), Selected: n.Slug == typed.network || len(own) == 1 && own[0] == n.Slug})
		}
	}
	if e := fault.As(failure); e != nil {
		d.Errors = e.Fields
	}
	return p.Site.Render(w, r, status, "desk/deputies", d)
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

// nameDeputy takes days as people mean them: from the first minute of the one to the last of
// the other.
func (p *Pages) nameDeputy(w http.ResponseWriter, r *http.Request) error {
	v := guard.From(r.Context())
	typed := typedAbsence{r.PostFormValue("network"), strings.TrimSpace(r.PostFormValue("email")), r.PostFormValue("from"), r.PostFormValue("until")}
	a := access.Absence{Network: typed.network, Email: typed.email, From: p.day(typed.from)}
	if until := p.day(typed.until); !until.IsZero() {
		a.Until = until.AddDate(0, 0, 1)
	}
	_, err := p.Access.NameDeputy(r.Context(), v.Person, a, v.Strength(), v.Session.ACR)
	switch {
	case err == nil:
		http.Redirect(w, r, "/desk/deputies?notice=named", http.StatusSeeOther)
		return nil
	case fault.CodeOf(err) == access.ErrLevel.Code:
		return p.Guard.StepUp(w, r, "/desk/deputies")
	case fault.KindOf(err) == fault.Invalid:
		return p.renderDeputies(w, r, http.StatusUnprocessableEntity, typed, err)
	}
	return err
}

// day reads a day of a date field; zero when it is none.
func (p *Pages) day(text string) time.Time {
	at, err := time.ParseInLocation(time.DateOnly, text, p.Site.Location)
	if err != nil {
		return time.Time{}
	}
	return at
}

func (p *Pages) endDeputy(w http.ResponseWriter, r *http.Request) error {
	v := guard.From(r.Context())
	if err := p.Access.EndDeputy(r.Context(), v.Person, r.PathValue("id"), false, v.Session.ACR); err != nil {
		return err
	}
	http.Redirect(w, r, "/desk/deputies?notice=ended", http.StatusSeeOther)
	return nil
}
