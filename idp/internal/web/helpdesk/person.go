package helpdesk

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"eulogin.example/idp/internal/helpdesk"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

// way is one verification method as an agent sees it: its kind, and of hardware the name, because
// the agent has it before the eyes; never a number.
type way struct {
	Method   string
	Usable   bool
	LastUsed time.Time
}

// opened is a case as an agent sees it.
type opened struct {
	helpdesk.Case
	Mine bool // this agent opened it
}

type personPage struct {
	helpdesk.Person
	Ways   []way
	Cases  []opened
	Kinds  []page.Option
	Reason string
	Done   string
	Errors map[string]fault.Message
}

func (p *Pages) person(w http.ResponseWriter, r *http.Request, agent ident.AccountID) error {
	return p.show(w, r, agent, nil)
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, agent ident.AccountID, fail *fault.Error) error {
	found, err := p.Desk.Look(r.Context(), agent, ident.AccountID(r.PathValue("id")))
	if err != nil {
		return err
	}
	v, status, lang := personPage{Person: found}, http.StatusOK, p.Site.Lang(r)
	v.Kinds = []page.Option{{Value: "", Label: p.Site.T(lang, "helpdesk.kind.reset"), Selected: true}}
	for _, f := range found.Factors {
		one := way{Method: p.Site.T(lang, "undo.method."+string(f.Method)), Usable: f.Usable, LastUsed: f.LastUsedAt}
		if f.Method == policy.HardwareKey {
			one.Method += " “" + f.Name + "”"
			v.Kinds = append(v.Kinds, page.Option{Value: f.ID, Label: p.Site.T(lang, "helpdesk.kind.key") + ": " + one.Method})
		}
		v.Ways = append(v.Ways, one)
	}
	for _, c := range found.Cases {
		v.Cases = append(v.Cases, opened{c, c.OpenedBy == agent})
	}
	for _, known := range []string{"mailed", "opened", "confirmed", "refused", "closed", "over"} {
		if r.URL.Query().Get("done") == known {
			v.Done = "helpdesk.did." + known
		}
	}
	if fail != nil {
		v.Reason, v.Errors, status = r.PostFormValue("reason"), fail.Fields, fault.HTTPStatus(fail)
	}
	return p.Site.Render(w, r, status, "helpdesk/person", v)
}

// back goes to the person's page and says what was done.
func (p *Pages) back(w http.ResponseWriter, r *http.Request, err error, done string) error {
	switch {
	case errors.Is(err, helpdesk.ErrOver), errors.Is(err, helpdesk.ErrOpen):
		done = "over"
	case err != nil:
		return err
	}
	return browser.To(w, r, "/helpdesk/person/"+url.PathEscape(r.PathValue("id"))+"?done="+done)
}

func (p *Pages) mail(w http.ResponseWriter, r *http.Request, agent ident.AccountID) error {
	return p.back(w, r, p.Desk.SendPassword(r.Context(), agent, ident.AccountID(r.PathValue("id")), p.Address(r)), "mailed")
}

func (p *Pages) open(w http.ResponseWriter, r *http.Request, agent ident.AccountID) error {
	kind, key := helpdesk.Reset, r.PostFormValue("key")
	if key != "" {
		kind = helpdesk.Key
	}
	err := p.Desk.Open(r.Context(), agent, ident.AccountID(r.PathValue("id")), kind, key, r.PostFormValue("reason"))
	if e := fault.As(err); e != nil && len(e.Fields) > 0 {
		return p.show(w, r, agent, e)
	}
	return p.back(w, r, err, "opened")
}

func (p *Pages) close(w http.ResponseWriter, r *http.Request, agent ident.AccountID) error {
	return p.back(w, r, p.Desk.Close(r.Context(), agent, ident.AccountID(r.PathValue("id")), r.PostFormValue("ticket")), "closed")
}

func (p *Pages) confirm(w http.ResponseWriter, r *http.Request, agent ident.AccountID) error {
	return p.back(w, r, p.Desk.Confirm(r.Context(), agent, r.PathValue("case")), "confirmed")
}

func (p *Pages) refuse(w http.ResponseWriter, r *http.Request, agent ident.AccountID) error {
	return p.back(w, r, p.Desk.Refuse(r.Context(), agent, r.PathValue("case")), "refused")
}
