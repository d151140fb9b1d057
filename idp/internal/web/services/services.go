package services

import (
	"context"
	"net/http"
	"slices"
	"time"

	"eulogin.example/idp/internal/claims"
	"eulogin.example/idp/internal/consent"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/manage"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/idp/internal/web/told"
	"eulogin.example/proto/kit/page"
)

// Browser is what is needed of package browser.
type Browser interface {
	// Require leads to the sign-in unless the session satisfies the requirement.
	Require(req policy.Requirement, h browser.Handler) browser.Handler
}

// Consents reads the ledger of a person and ends what stands in it.
type Consents interface {
	Services(ctx context.Context, id ident.AccountID) ([]consent.Known, error)
	Service(ctx context.Context, id ident.AccountID, client string) (consent.Known, error)
	Stop(ctx context.Context, id ident.AccountID, client, claim string) error
	Withdraw(ctx context.Context, id ident.AccountID, client string) error
}

// Pages are the pages; every field is required.
type Pages struct {
	Site     *page.Site
	Browser  Browser
	Consents Consents
	Subject  func(client string, id ident.AccountID) string // by which a service knows an account
	Groups   func(client string) []string                   // that a service is told of
}

type handle = func(http.ResponseWriter, *http.Request, browser.Person) error

// Mount registers the routes. To look and to take back wants no more than a sign-in, as with sessions.
func (p *Pages) Mount(mux *http.ServeMux) {
	for pattern, f := range map[string]handle{
		"GET /account/services":           p.list,
		"POST /account/services/stop":     p.stop,
		"GET /account/services/withdraw":  p.askWithdraw,
		"POST /account/services/withdraw": p.withdraw,
	} {
		mux.Handle(pattern, p.Site.Handle(p.Browser.Require(manage.Looking(), func(w http.ResponseWriter, r *http.Request) error {
			return f(w, r, browser.From(r.Context()))
		})))
	}
}

// row is one thing that a service may know or do, or might.
type row struct {
	told.Line
	consent.Entry
	Told time.Time // zero: never
}

// May reports whether the person can stop it alone.
func (r row) May() bool { return r.Given() && !r.Essential && r.Line.Claim != consent.Identity }

type service struct {
	Client, Name string
	Gone         bool // not registered any more
	Rows         []row
	Given        bool
	Offline      bool
	Sessions     []session.Session
}

type listPage struct {
	Services []service
	Notice   string
}

// notices are the keys of what the list may be asked to say.
var notices = map[string]string{"stopped": "services.done.stopped", "withdrawn": "services.done.withdrawn"}

func (p *Pages) list(w http.ResponseWriter, r *http.Request, who browser.Person) error {
	all, err := p.Consents.Services(r.Context(), who.Account.ID)
	if err != nil {
		return err
	}
	d := listPage{Notice: notices[r.URL.Query().Get("done")]}
	for _, k := range all {
		d.Services = append(d.Services, p.service(r, k, who))
	}
	return p.Site.Render(w, r, http.StatusOK, "services/list", d)
}

// service tells one service with the values that it would be told now, in the order of the page of
// consent.
func (p *Pages) service(r *http.Request, k consent.Known, who browser.Person) service {
	lang := p.Site.Lang(r)
	words := told.Words{Site: p.Site, Lang: lang, Person: claims.Of(who.Account, p.Groups(k.Client)), Subject: p.Subject(k.Client, who.Account.ID), Offline: p.Site.T(lang, "services.offline")}
	out := service{Client: k.Client, Name: k.Name, Given: k.Given(), Sessions: k.Sessions}
	if out.Gone = k.Name == ""; out.Gone {
		out.Name = k.Client
	}
	order := slices.Concat([]string{consent.Identity}, claims.Names(), []string{consent.Offline})
	slices.SortStableFunc(k.Entries, func(a, b consent.Entry) int { return slices.Index(order, a.Claim) - slices.Index(order, b.Claim) })
	for _, e := range k.Entries {
		out.Offline = out.Offline || e.Claim == consent.Offline && e.Given()
		out.Rows = append(out.Rows, row{words.Line(e.Claim), e, k.LastTold(e)})
	}
	return out
}

func (p *Pages) stop(w http.ResponseWriter, r *http.Request, who browser.Person) error {
	if err := p.Consents.Stop(r.Context(), who.Account.ID, r.PostFormValue("client"), r.PostFormValue("claim")); err != nil {
		return err
	}
	return browser.To(w, r, "/account/services?done=stopped")
}

func (p *Pages) askWithdraw(w http.ResponseWriter, r *http.Request, who browser.Person) error {
	k, err := p.Consents.Service(r.Context(), who.Account.ID, r.URL.Query().Get("client"))
	if err == nil && !k.Given() {
		err = consent.ErrNone
	}
	if err != nil {
		return err
	}
	return p.Site.Render(w, r, http.StatusOK, "services/withdraw", p.service(r, k, who))
}

func (p *Pages) withdraw(w http.ResponseWriter, r *http.Request, who browser.Person) error {
	if err := p.Consents.Withdraw(r.Context(), who.Account.ID, r.PostFormValue("client")); err != nil {
		return err
	}
	return browser.To(w, r, "/account/services?done=withdrawn")
}
