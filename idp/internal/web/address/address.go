package address

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/address"
	"eulogin.example/idp/internal/mailproof"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

// Browser is what is needed of package browser.
type Browser interface {
	// RequireBy leads to the sign-in unless the session satisfies what is asked of the person.
	RequireBy(of func(context.Context, account.Account) (policy.Requirement, error), h browser.Handler) browser.Handler
	// Binding gives the digest of the cookie that this browser is known by.
	Binding(w http.ResponseWriter, r *http.Request) string
}

// Pages are the pages; every field is required.
type Pages struct {
	Site    *page.Site
	Browser Browser
	Address *address.Service
	Factors browser.Factors
}

type handle = func(http.ResponseWriter, *http.Request, account.Account) error

// Mount registers the routes. Changing wants a fresh sign-in, following the mailed link one as
// the same person, and taking back none.
func (p *Pages) Mount(mux *http.ServeMux) {
	for pattern, f := range map[string]handle{
		"GET /account/address":  p.form,
		"POST /account/address": p.ask,
		"GET /account/name":     p.name,
		"POST /account/name":    p.rename,
	} {
		mux.Handle(pattern, p.Site.Handle(p.Browser.RequireBy(browser.Changing(p.Factors), signed(f))))
	}
	for pattern, f := range map[string]handle{"GET /account/address/confirm": p.link, "POST /account/address/confirm": p.confirm} {
		mux.Handle(pattern, p.Site.Handle(p.Browser.RequireBy(browser.Looking, signed(f))))
	}
	mux.Handle("GET "+address.UndoPath+"{token}", p.Site.Handle(p.askUndo))
	mux.Handle("POST "+address.UndoPath+"{token}", p.Site.Handle(p.undo))
}

func signed(f handle) browser.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		return f(w, r, browser.From(r.Context()).Account)
	}
}

type formPage struct {
	Account      account.Account
	Email, Again string
	Given        string
	Family       string
	Version      int64
	Errors       map[string]fault.Message
	Sent         bool
}

func (p *Pages) form(w http.ResponseWriter, r *http.Request, a account.Account) error {
	return p.Site.Render(w, r, http.StatusOK, "address/form", formPage{Account: a, Sent: r.URL.Query().Get("done") == "sent"})
}

func (p *Pages) ask(w http.ResponseWriter, r *http.Request, a account.Account) error {
	d := formPage{Account: a, Email: r.PostFormValue("email"), Again: r.PostFormValue("email_again")}
	err := p.Address.Ask(r.Context(), a.ID, d.Email, d.Again, p.Browser.Binding(w, r))
	if e := fault.As(err); e != nil && len(e.Fields) > 0 {
		d.Errors = e.Fields
		return p.Site.Render(w, r, fault.HTTPStatus(err), "address/form", d)
	}
	if err != nil {
		return err
	}
	return browser.To(w, r, "/account/address?done=sent")
}

func (p *Pages) name(w http.ResponseWriter, r *http.Request, a account.Account) error {
	return p.Site.Render(w, r, http.StatusOK, "address/name", formPage{Account: a, Given: a.GivenName, Family: a.FamilyName, Version: a.Version})
}

func (p *Pages) rename(w http.ResponseWriter, r *http.Request, a account.Account) error {
	d := formPage{Account: a, Given: r.PostFormValue("given"), Family: r.PostFormValue("family")}
	d.Version, _ = strconv.ParseInt(r.PostFormValue("version"), 10, 64) // no number is no version: "changed meanwhile"
	err := p.Address.Rename(r.Context(), a.ID, d.Version, d.Given, d.Family)
	if e := fault.As(err); e != nil && len(e.Fields) > 0 {
		d.Errors = e.Fields
		return p.Site.Render(w, r, fault.HTTPStatus(err), "address/name", d)
	}
	if err != nil {
		return err
	}
	return browser.To(w, r, "/account?done=details")
}

type linkPage struct{ Token, Email, Title, Text string }

// link shows a page with a button and uses nothing up: scanners of mails open links.
func (p *Pages) link(w http.ResponseWriter, r *http.Request, a account.Account) error {
	token := r.URL.Query().Get("t")
	email, err := p.Address.Look(r.Context(), a.ID, token, p.Browser.Binding(w, r))
	if err != nil {
		return p.over(w, r, err)
	}
	return p.Site.Render(w, r, http.StatusOK, "address/confirm", linkPage{Token: token, Email: email})
}

func (p *Pages) confirm(w http.ResponseWriter, r *http.Request, a account.Account) error {
	if err := p.Address.Confirm(r.Context(), a.ID, r.PostFormValue("t"), p.Browser.Binding(w, r)); err != nil {
		return p.over(w, r, err)
	}
	return browser.To(w, r, "/account?done=details")
}

func (p *Pages) askUndo(w http.ResponseWriter, r *http.Request) error {
	c, err := p.Address.Undoable(r.Context(), r.PathValue("token"))
	if err != nil {
		return p.over(w, r, err)
	}
	return p.Site.Render(w, r, http.StatusOK, "address/undo", linkPage{Token: r.PathValue("token"), Email: c.OldEmail})
}

func (p *Pages) undo(w http.ResponseWriter, r *http.Request) error {
	c, err := p.Address.Undo(r.Context(), r.PathValue("token"))
	if err != nil {
		return p.over(w, r, err)
	}
	return p.Site.Render(w, r, http.StatusOK, "address/undone", linkPage{Email: c.OldEmail})
}

// ends are the ways in which a link leads nowhere, each with its own text.
var ends = []struct {
	err error
	key string
}{
	{mailproof.ErrExpired, "expired"}, {mailproof.ErrUsed, "used"}, {mailproof.ErrReplaced, "replaced"}, {mailproof.ErrUnknown, "unknown"},
	{address.ErrLink, "undo_unknown"}, {address.ErrUndone, "undo_done"}, {address.ErrTaken, "undo_taken"}, {account.ErrEmailTaken, "taken"},
}

func (p *Pages) over(w http.ResponseWriter, r *http.Request, err error) error {
	for _, e := range ends {
		if errors.Is(err, e.err) {
			lang := p.Site.Lang(r)
			return p.Site.Render(w, r, http.StatusGone, "address/over", linkPage{Title: p.Site.T(lang, "address.over."+e.key+".title"), Text: p.Site.T(lang, "address.over."+e.key+".text")})
		}
	}
	return err
}
