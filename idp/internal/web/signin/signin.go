package signin

import (
	"context"
	"net/http"
	"time"

	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

// Ender ends sessions with all that belongs to them (tokens, services that are told).
type Ender interface {
	EndSession(ctx context.Context, sess session.Session, why string) error
}

// Pages are the pages of sign-in.
type Pages struct {
	Site    *page.Site
	Browser *browser.Browser
	Login   *login.Service
	Ender   Ender
	Now     func() time.Time
}

// Mount adds the pages to a router.
func (p *Pages) Mount(mux *http.ServeMux) {
	mux.Handle("GET /login", p.Site.Handle(p.show))
	mux.Handle("GET /login/wait", p.Site.Handle(p.wait))
	mux.Handle("POST /login/identify", p.Site.Handle(p.identify))
	mux.Handle("GET /login/back", p.Site.Handle(p.back))
	mux.Handle("POST /login/password", p.Site.Handle(p.password))
	mux.Handle("POST /login/method", p.Site.Handle(p.method))
	mux.Handle("POST /login/cancel", p.Site.Handle(p.cancel))
	mux.Handle("GET /login/leave", p.Site.Handle(p.afterDenial))
	mux.Handle("POST /logout", p.Site.Handle(p.signOut))
	mux.Handle("GET /signed-out", p.Site.Handle(p.signedOut))
}

// base is what every page of a sign-in shows.
type base struct {
	Flow    string
	Service string // who asks; "" for My account
	Email   string
	Errors  map[string]fault.Message
	Notice  *notice
}

type notice struct{ Kind, Title, Text string }

// show renders what comes next, or goes on when the sign-in is over.
func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	id := r.URL.Query().Get("flow")
	v, err := p.Login.Look(r.Context(), id, p.Browser.Binding(w, r))
	if err != nil {
		return err
	}
	switch {
	case v.Step == login.Refuse && v.Flow.Failed == string(login.Denied):
		return p.render(w, r, v, http.StatusOK, "signin/denied", base{}, nil)
	case v.Step == login.Refuse, v.Flow.SID != "":
		return p.leave(w, r, v.Flow.Return())
	case v.Step == login.Done:
		next, err := p.Browser.Finish(w, r, id)
		if err != nil {
			return err
		}
		return p.leave(w, r, next)
	}
	return p.step(w, r, v, http.StatusOK, nil)
}

// step renders the page of a step, after an error with what the person typed.
func (p *Pages) step(w http.ResponseWriter, r *http.Request, v login.View, status int, failure error) error {
	b := base{}
	if e := fault.As(failure); e != nil {
		b.Errors = e.Fields
	}
	switch v.Step {
	case login.Identify:
		typed := v.Flow.Request.LoginHint
		if r.Method == http.MethodPost {
			typed = r.PostFormValue("email")
		}
		return p.render(w, r, v, status, "signin/email", b, typed)
	case login.Password:
		return p.render(w, r, v, status, "signin/password", b, p.options(r, v))
	case login.ChooseMethod:
		return p.render(w, r, v, status, "signin/method", b, p.options(r, v))
	case login.Challenge:
		return p.render(w, r, v, status, "signin/waiting", b, v.Flow.Pending)
	case login.EnrolFirst:
		return p.render(w, r, v, status, "signin/enrol", b, v.Decision.Met)
	}
	return login.ErrPast
}

// data is what the templates of sign-in read.
type data struct {
	base
	Recover bool // before a lost password is replaced
	StepUp  bool // somebody is signed in already and more is asked
	Medium  bool // the service asks for two factors
	Failed  string
	More    any
}

func (p *Pages) render(w http.ResponseWriter, r *http.Request, v login.View, status int, name string, b base, more any) error {
	b.Flow, b.Service, b.Email = v.Flow.ID, v.Flow.Request.ClientName, v.Flow.Email
	d := data{
		base: b, More: more, Failed: v.Flow.Failed, StepUp: v.Flow.Session != "",
		Recover: v.Flow.Request.Kind == login.KindRecover, Medium: v.Flow.Request.Requirement.Floor >= policy.Medium,
	}
	ctx := r.Context()
	if o := v.Flow.Request.ReturnOrigin; o != "" {
		ctx = page.AllowFormTo(ctx, o)
	}
	if v.Flow.Request.Locale != "" && r.URL.Query().Get("lang") == "" && !p.hasLanguage(r) {
		ctx = page.WithLang(ctx, v.Flow.Request.Locale)
	}
	return p.Site.Render(w, r.WithContext(ctx), status, name, d)
}

// hasLanguage reports whether the person chose a language in this browser; that choice wins
// over the service's ui_locales.
func (p *Pages) hasLanguage(r *http.Request) bool {
	_, err := r.Cookie(p.Site.CookiePrefix + "lang")
	return err == nil
}

// options are the choices of "Choose your verification method".
func (p *Pages) options(r *http.Request, v login.View) []page.Option {
	lang := p.Site.Lang(r)
	chosen := r.PostFormValue("method")
	if chosen == "" {
		chosen = p.Browser.LastMethod(r)
	}
	var out []page.Option
	for _, m := range v.Flow.Offered() {
		out = append(out, page.Option{Value: string(m), Label: p.Site.T(lang, "signin.method."+string(m)), Selected: string(m) == chosen})
	}
	return out
}

// identify takes the e-mail address.
func (p *Pages) identify(w http.ResponseWriter, r *http.Request) error {
	return p.post(w, r, func(id, binding string) (login.View, error) {
		return p.Login.Identify(r.Context(), id, binding, r.PostFormValue("email"))
	})
}

// back is "not you?": the page for the address again; what was answered is undone when
// another address is given.
func (p *Pages) back(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Login.Look(r.Context(), r.URL.Query().Get("flow"), p.Browser.Binding(w, r))
	if err != nil {
		return err
	}
	if v.Step == login.Done || v.Step == login.Refuse || v.Flow.Request.Kind == login.KindRecover {
		return login.ErrPast
	}
	return p.render(w, r, v, http.StatusOK, "signin/email", base{}, "")
}

// password takes the password and the chosen method.
func (p *Pages) password(w http.ResponseWriter, r *http.Request) error {
	return p.post(w, r, func(id, binding string) (login.View, error) {
		v, err := p.Login.Look(r.Context(), id, binding)
		if err != nil {
			return v, err
		}
		m := policy.Method(r.PostFormValue("method"))
		try, err := p.Browser.Try(r, v.Flow.Email, r.PostFormValue("password"), m)
		if err != nil {
			return v, err
		}
		p.Browser.RememberMethod(w, string(m))
		return p.Login.Password(r.Context(), id, binding, try)
	})
}

// method takes the verification method after the password, also to send again.
func (p *Pages) method(w http.ResponseWriter, r *http.Request) error {
	return p.post(w, r, func(id, binding string) (login.View, error) {
		return p.Login.ChooseMethod(r.Context(), id, binding, policy.Method(r.PostFormValue("method")), p.Browser.Meta(r))
	})
}

// cancel gives up and goes back to who asked.
func (p *Pages) cancel(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Login.Cancel(r.Context(), r.PostFormValue("flow"), p.Browser.Binding(w, r))
	if err != nil {
		return err
	}
	return p.leave(w, r, v.Flow.Return())
}

// afterDenial goes on from the page that says "denied on your phone".
func (p *Pages) afterDenial(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Login.Look(r.Context(), r.URL.Query().Get("flow"), p.Browser.Binding(w, r))
	if err != nil {
		return err
	}
	if v.Step != login.Refuse {
		return login.ErrPast
	}
	return p.leave(w, r, v.Flow.Return())
}

// post runs one step and comes back to the flow; what the person can mend is shown on the
// page of the step.
func (p *Pages) post(w http.ResponseWriter, r *http.Request, step func(id, binding string) (login.View, error)) error {
	id, binding := r.PostFormValue("flow"), p.Browser.Binding(w, r)
	_, err := step(id, binding)
	if err == nil {
		http.Redirect(w, r, "/login?flow="+id, http.StatusSeeOther)
		return nil
	}
	kind := fault.KindOf(err)
	if kind != fault.Invalid && kind != fault.TooMany {
		return err
	}
	v, lerr := p.Login.Look(r.Context(), id, binding)
	if lerr != nil {
		return lerr
	}
	if v.Step == login.Done || v.Step == login.Refuse {
		return err
	}
	if kind == fault.TooMany {
		return p.tooMany(w, r, v, err)
	}
	return p.step(w, r, v, fault.HTTPStatus(err), err)
}

// tooMany shows the step's page with until when it is paused.
func (p *Pages) tooMany(w http.ResponseWriter, r *http.Request, v login.View, err error) error {
	lang := p.Site.Lang(r)
	until := p.Now().Add(fault.As(err).RetryAfter).In(p.Site.Location).Format("15:04")
	b := base{Notice: &notice{Kind: "warning", Title: p.Site.T(lang, "signin.locked.title"), Text: p.Site.T(lang, "signin.locked.text", until)}}
	name, more := "signin/password", any(p.options(r, v))
	if v.Step != login.Password {
		b.Notice.Title, b.Notice.Text = p.Site.T(lang, "signin.pushes.title"), p.Site.T(lang, "signin.pushes.text", until)
		name = "signin/method"
	}
	return p.render(w, r, v, http.StatusTooManyRequests, name, b, more)
}

// leave goes on to where the sign-in came from.
func (p *Pages) leave(w http.ResponseWriter, r *http.Request, to string) error {
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}
