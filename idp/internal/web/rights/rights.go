// Package rights holds "My data" in My account: the copy of everything that is stored about its
// visitor, and the erasure of the account with its wait.
package rights

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/rights"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

// Browser is what is needed of package browser.
type Browser interface {
	// RequireBy leads to the sign-in unless the session satisfies what is asked of the person.
	RequireBy(of func(context.Context, account.Account) (policy.Requirement, error), h browser.Handler) browser.Handler
}

// Pages are the pages; every field is required.
type Pages struct {
	Site    *page.Site
	Browser Browser
	Rights  *rights.Service
	Factors browser.Factors
}

type handle = func(http.ResponseWriter, *http.Request, account.Account) error

// Mount registers the routes. Taking a copy and asking for the erasure want a fresh sign-in with
// every factor; keeping the account wants no more than a look, or the link of the mail.
func (p *Pages) Mount(mux *http.ServeMux) {
	for pattern, f := range map[string]handle{
		"GET /account/data/copy": p.show, "POST /account/data/copy": p.file, "GET /account/delete": p.ask, "POST /account/delete": p.begin,
	} {
		mux.Handle(pattern, p.Site.Handle(p.Browser.RequireBy(browser.Changing(p.Factors), signed(f))))
	}
	for pattern, f := range map[string]handle{"GET /account/data": p.overview, "POST /account/data/keep": p.keep} {
		mux.Handle(pattern, p.Site.Handle(p.Browser.RequireBy(browser.Looking, signed(f))))
	}
	mux.Handle("GET "+rights.Path+"{token}", p.Site.Handle(p.askStop))
	mux.Handle("POST "+rights.Path+"{token}", p.Site.Handle(p.stop))
}

func signed(f handle) browser.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		return f(w, r, browser.From(r.Context()).Account)
	}
}

type overviewPage struct {
	Waits  rights.Erasure
	Notice string
}

// notices are the keys of what the page may be asked to say.
var notices = map[string]string{"asked": "rights.done.asked", "kept": "rights.done.kept"}

func (p *Pages) overview(w http.ResponseWriter, r *http.Request, a account.Account) error {
	e, err := p.Rights.Waits(r.Context(), a.ID)
	if err != nil {
		return err
	}
	return p.Site.Render(w, r, http.StatusOK, "rights/overview", overviewPage{e, notices[r.URL.Query().Get("done")]})
}

// file gives the whole copy as JSON.
func (p *Pages) file(w http.ResponseWriter, r *http.Request, a account.Account) error {
	c, err := p.Rights.Copy(r.Context(), a.ID)
	if err != nil {
		return err
	}
	raw, err := c.JSON()
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Disposition", `attachment; filename="my-data-`+c.MadeAt.In(p.Site.Location).Format(time.DateOnly)+`.json"`)
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(raw) // the browser may be gone
	return nil
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, a account.Account) error {
	c, err := p.Rights.Copy(r.Context(), a.ID)
	if err != nil {
		return err
	}
	d := copyPage{MadeAt: c.MadeAt}
	for _, t := range c.Tables {
		if len(t.Records) > 0 {
			d.Tables = append(d.Tables, p.words(r, t))
		}
	}
	for _, s := range c.Services {
		d.Services = append(d.Services, service{Name: s.Service, Missing: s.Missing, Tables: parts(s.JSON)})
	}
	return p.Site.Render(w, r, http.StatusOK, "rights/copy", d)
}

// erasurePage is the page that asks once more.
type erasurePage struct {
	Until  time.Time
	Errors map[string]fault.Message
}

func (p *Pages) ask(w http.ResponseWriter, r *http.Request, a account.Account) error {
	return p.askAgain(w, r, http.StatusOK, nil)
}

func (p *Pages) askAgain(w http.ResponseWriter, r *http.Request, status int, errs map[string]fault.Message) error {
	return p.Site.Render(w, r, status, "rights/delete", erasurePage{p.Rights.Now().Add(rights.Cooling), errs})
}

func (p *Pages) begin(w http.ResponseWriter, r *http.Request, a account.Account) error {
	if r.PostFormValue("sure") != "on" {
		return p.askAgain(w, r, http.StatusUnprocessableEntity, map[string]fault.Message{"sure": {Key: "rights.delete.sure_needed"}})
	}
	if _, err := p.Rights.Ask(r.Context(), a.ID); err != nil && !errors.Is(err, rights.ErrWaiting) {
		return err
	}
	return browser.To(w, r, "/account/data?done=asked")
}

func (p *Pages) keep(w http.ResponseWriter, r *http.Request, a account.Account) error {
	if err := p.Rights.Stop(r.Context(), a.ID); err != nil && !errors.Is(err, rights.ErrNone) && !errors.Is(err, rights.ErrOver) {
		return err
	}
	return browser.To(w, r, "/account/data?done=kept")
}

type stopPage struct {
	Token   string
	Erasure rights.Erasure
	State   string // "waiting", "stopped", "done", or "" when there is no such link
}

// askStop shows what the link would stop, and uses nothing up: scanners of mails open links.
func (p *Pages) askStop(w http.ResponseWriter, r *http.Request) error {
	return p.stopPage(w, r, http.StatusOK)
}

func (p *Pages) stopPage(w http.ResponseWriter, r *http.Request, status int) error {
	e, err := p.Rights.LookStop(r.Context(), r.PathValue("token"))
	if err != nil && !errors.Is(err, rights.ErrOver) && !errors.Is(err, rights.ErrNone) {
		return err
	}
	if errors.Is(err, rights.ErrNone) {
		status = http.StatusNotFound
	}
	return p.Site.Render(w, r, status, "rights/stop", stopPage{r.PathValue("token"), e, string(e.State)})
}

func (p *Pages) stop(w http.ResponseWriter, r *http.Request) error {
	err := p.Rights.StopByLink(r.Context(), r.PathValue("token"))
	if err != nil && !errors.Is(err, rights.ErrOver) && !errors.Is(err, rights.ErrNone) {
		return err
	}
	return browser.To(w, r, r.URL.Path)
}

// parts reads what a service stores, to be shown with its own names; nothing when it cannot be read.
func parts(raw json.RawMessage) (out []part) {
	var c struct {
		Tables map[string][]map[string]any `json:"tables"`
	}
	if raw == nil || json.Unmarshal(raw, &c) != nil {
		return nil
	}
	return partsOf(c.Tables)
}
