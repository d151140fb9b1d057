package helpdesk

import (
	"context"
	"errors"
	"net/http"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/helpdesk"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/manage"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

// Pages are the pages; every field is required.
type Pages struct {
	Site    *page.Site
	Desk    *helpdesk.Service
	Browser *browser.Browser
	Address func(*http.Request) string // the visitor's network address
}

// deciding is what every page of the console wants: a second factor, shown lately. A recovery
// code is none.
func deciding(context.Context, account.Account) (policy.Requirement, error) {
	return policy.AtLeast(policy.Medium, manage.ProofAge), nil
}

// Mount registers the routes.
func (p *Pages) Mount(mux *http.ServeMux) {
	for pattern, handle := range map[string]func(http.ResponseWriter, *http.Request, ident.AccountID) error{
		"GET /helpdesk":                                  p.desk,
		"POST /helpdesk/find":                            p.find,
		"GET /helpdesk/person/{id}":                      p.person,
		"POST /helpdesk/person/{id}/mail":                p.mail,
		"POST /helpdesk/person/{id}/open":                p.open,
		"POST /helpdesk/person/{id}/close":               p.close,
		"POST /helpdesk/person/{id}/case/{case}/confirm": p.confirm,
		"POST /helpdesk/person/{id}/case/{case}/refuse":  p.refuse,
	} {
		mux.Handle(pattern, p.Site.Handle(p.Browser.RequireBy(deciding, p.agent(handle))))
	}
	for pattern, handle := range map[string]browser.Handler{
		"GET /helpdesk/ask": p.askForm, "POST /helpdesk/ask": p.ask, "GET /helpdesk/asked": p.asked,
		"GET /helpdesk/write": p.writeForm, "POST /helpdesk/write": p.write, "GET /helpdesk/written": p.written,
	} {
		mux.Handle(pattern, p.Site.Handle(handle))
	}
}

// agent gives the signed-in person to a page; for who is no agent, there is none.
func (p *Pages) agent(h func(http.ResponseWriter, *http.Request, ident.AccountID) error) browser.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		who := browser.From(r.Context()).Account.ID
		err := p.Desk.Agent(r.Context(), who)
		if err == nil {
			err = h(w, r, who)
		}
		if errors.Is(err, helpdesk.ErrAgent) {
			return page.ErrNotFound
		}
		return err
	}
}

// named is a thing of the desk with the address of its person.
type named[T any] struct {
	Of    T
	Email string
}

type deskPage struct {
	Tickets []named[helpdesk.Ticket]
	Cases   []named[helpdesk.Case]
	Email   string
	Errors  map[string]fault.Message
}

func (p *Pages) desk(w http.ResponseWriter, r *http.Request, agent ident.AccountID) error {
	return p.showDesk(w, r, agent, nil)
}

func (p *Pages) showDesk(w http.ResponseWriter, r *http.Request, agent ident.AccountID, fail error) error {
	d, err := p.Desk.Desk(r.Context(), agent)
	if err != nil {
		return err
	}
	shown, status := deskPage{Email: r.PostFormValue("email")}, http.StatusOK
	if fail != nil {
		shown.Errors, status = fault.As(fail).Fields, fault.HTTPStatus(fail)
	}
	for _, t := range d.Tickets {
		a, err := p.Desk.Accounts.ByID(r.Context(), t.Account)
		if err != nil {
			return err
		}
		shown.Tickets = append(shown.Tickets, named[helpdesk.Ticket]{t, a.Email})
	}
	for _, c := range d.Cases {
		a, err := p.Desk.Accounts.ByID(r.Context(), c.Account)
		if err != nil {
			return err
		}
		shown.Cases = append(shown.Cases, named[helpdesk.Case]{c, a.Email})
	}
	return p.Site.Render(w, r, status, "helpdesk/desk", shown)
}

func (p *Pages) find(w http.ResponseWriter, r *http.Request, agent ident.AccountID) error {
	id, err := p.Desk.Find(r.Context(), agent, r.PostFormValue("email"))
	if e := fault.As(err); e != nil && len(e.Fields) > 0 {
		return p.showDesk(w, r, agent, err)
	}
	if err != nil {
		return err
	}
	return browser.To(w, r, "/helpdesk/person/"+string(id))
}
