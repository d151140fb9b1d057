package signin

import (
	"context"
	"errors"
	"net/http"
	"time"

	"eulogin.example/idp/internal/consent"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/session"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

// Ender ends sessions with all that belongs to them (tokens, services that are told).
type Ender interface {
	EndSession(ctx context.Context, sess session.Session, why string) error
}

// Farewell shows what an ended session leaves to say.
type Farewell interface {
	Show(w http.ResponseWriter, r *http.Request, sess session.Session, to string) error
	Replaced(w http.ResponseWriter, r *http.Request, sess session.Session, to string) error
}

// Consents tells what a person agreed to before.
type Consents interface {
	Standing(ctx context.Context, id ident.AccountID, client string) (consent.Standing, error)
}

// Pages are the pages of sign-in.
type Pages struct {
	Site     *page.Site
	Browser  *browser.Browser
	Login    *login.Service
	Ender    Ender
	Farewell Farewell
	Consents Consents
	Subject  func(client string, id ident.AccountID) string // by which a service knows an account
	Groups   func(client string) []string                   // that a service is told of
	Now      func() time.Time
}

// Mount adds the pages to a router.
func (p *Pages) Mount(mux *http.ServeMux) {
	mux.Handle("GET /login", p.Site.Handle(p.show))
	mux.Handle("GET /login/wait", p.Site.Handle(p.wait))
	mux.Handle("GET /login/{step}", p.Site.Handle(p.reload))
	mux.Handle("POST /login/identify", p.Site.Handle(p.identify))
	mux.Handle("GET /login/back", p.Site.Handle(p.back))
	mux.Handle("POST /login/password", p.Site.Handle(p.password))
	mux.Handle("POST /login/method", p.Site.Handle(p.method))
	mux.Handle("POST /login/answer", p.Site.Handle(p.answer))
	mux.Handle("POST /login/direct", p.Site.Handle(p.direct))
	mux.Handle("POST /login/adaptive", p.Site.Handle(p.adaptive))
	mux.Handle("POST /login/passkey", p.Site.Handle(p.passkey))
	mux.Handle("POST /login/indirect", p.Site.Handle(p.indirect))
	mux.Handle("GET /login/other", p.Site.Handle(p.other))
	mux.Handle("POST /login/review", p.Site.Handle(p.review))
	mux.Handle("POST /login/enrol", p.Site.Handle(p.enrol))
	mux.Handle("POST /login/cancel", p.Site.Handle(p.cancel))
	mux.Handle("GET /login/leave", p.Site.Handle(p.afterDenial))
	mux.Handle("POST /logout", p.Site.Handle(p.signOut))
}

// show renders what comes next, or goes on when the sign-in is over.
func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Login.Look(r.Context(), r.URL.Query().Get("flow"), p.Browser.Binding(w, r))
	if err != nil {
		return err
	}
	switch {
	case v.Step == login.Refuse && v.Flow.Failed == string(login.Denied):
		return p.render(w, r, v, http.StatusOK, "signin/denied", shown{})
	case v.Step == login.Refuse:
		return p.leave(w, r, v.Flow.Return())
	case v.Step == login.Done, v.Flow.SID != "":
		return p.finish(w, r, v)
	}
	return p.step(w, r, v, http.StatusOK, shown{})
}

// finish signs the person in and goes on. Somebody else who was signed in here is signed out
// first, with all that belongs to it (security case 10). It may be repeated.
func (p *Pages) finish(w http.ResponseWriter, r *http.Request, v login.View) error {
	before, replaced, err := p.replaced(r, v)
	if err != nil {
		return err
	}
	next, err := p.Browser.Finish(w, r, v.Flow.ID)
	if err != nil {
		return err
	}
	if replaced {
		return p.Farewell.Replaced(w, r, before, next)
	}
	return p.leave(w, r, next)
}

// replaced ends the session of another person in this browser, if there is one.
func (p *Pages) replaced(r *http.Request, v login.View) (session.Session, bool, error) {
	before, ok, err := p.Browser.Session(r)
	if err != nil || !ok || v.Flow.Silent() || before.Account == v.Flow.Account {
		return session.Session{}, false, err
	}
	return before, true, p.End(r, before)
}

// post runs one step and comes back to the flow; what the person can mend is shown on the
// page of the step, and a step that is over leads on to where the person is.
func (p *Pages) post(w http.ResponseWriter, r *http.Request, step func(id, binding string) (login.View, error)) error {
	id, binding := r.PostFormValue("flow"), p.Browser.Binding(w, r)
	_, err := step(id, binding)
	if err == nil {
		return p.leave(w, r, "/login?flow="+id)
	}
	kind := fault.KindOf(err)
	past := errors.Is(err, login.ErrPast)
	if !past && kind != fault.Invalid && kind != fault.TooMany {
		return err
	}
	v, lerr := p.Login.Look(r.Context(), id, binding)
	if lerr != nil {
		return lerr
	}
	switch {
	case past || v.Step == login.Done || v.Step == login.Refuse:
		return p.render(w, r, v, http.StatusConflict, "signin/past", shown{})
	case kind == fault.TooMany:
		return p.step(w, r, v, http.StatusTooManyRequests, p.tooMany(w, r, v, err))
	}
	return p.step(w, r, v, fault.HTTPStatus(err), shown{Errors: fault.As(err).Fields})
}

// leave goes on to another address.
func (p *Pages) leave(w http.ResponseWriter, r *http.Request, to string) error {
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}
