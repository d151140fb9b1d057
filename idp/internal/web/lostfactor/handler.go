package lostfactor

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"eulogin.example/idp/internal/limit"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/lostfactor"
	"eulogin.example/idp/internal/mailproof"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

// Pages are the pages; every field is required.
type Pages struct {
	Site    *page.Site
	Lost    *lostfactor.Service
	Browser *browser.Browser
}

const root = lostfactor.Path

// Mount registers the routes.
func (p *Pages) Mount(mux *http.ServeMux) {
	for pattern, handle := range map[string]browser.Handler{
		"GET " + root:                           p.start,
		"POST " + root:                          p.begin,
		"GET " + root + "/back":                 p.back,
		"GET " + root + "/case/{case}":          p.state,
		"POST " + root + "/case/{case}/mail":    p.mail,
		"POST " + root + "/case/{case}/stop":    p.withdraw,
		"POST " + root + "/case/{case}/confirm": p.confirm,
		"GET " + root + "/link":                 p.link,
		"POST " + root + "/link":                p.follow,
		"GET " + root + "/stop/{token}":         p.askStop,
		"POST " + root + "/stop/{token}":        p.stop,
		"GET " + root + "/done":                 p.done,
	} {
		mux.Handle(pattern, p.Site.Handle(handle))
	}
}

func (p *Pages) start(w http.ResponseWriter, r *http.Request) error {
	return p.Site.Render(w, r, http.StatusOK, "lostfactor/start", intro{Wait: wait(p.Lost.Delay)})
}

type intro struct{ Wait duration }

func (p *Pages) begin(w http.ResponseWriter, r *http.Request) error {
	to, err := p.Lost.Begin(r.Context(), p.Browser.Binding(w, r))
	if err != nil {
		return err
	}
	return browser.To(w, r, to)
}

// back is where the sign-in machine comes back to.
func (p *Pages) back(w http.ResponseWriter, r *http.Request) error {
	id, err := p.Lost.Open(r.Context(), r.URL.Query().Get("id"), p.Browser.Binding(w, r))
	if errors.Is(err, login.ErrNotProved) || errors.Is(err, login.ErrUnknown) { // given up, or loaded again
		return browser.To(w, r, root)
	}
	if err != nil {
		return err
	}
	return browser.To(w, r, root+"/case/"+id)
}

type statePage struct {
	lostfactor.View
	Case    string
	Sent    bool
	Stopped bool
	Wait    duration
	Ways    []string // names of methods that still work
	Codes   bool     // recovery codes are among them
	Retry   *duration
}

func (p *Pages) state(w http.ResponseWriter, r *http.Request) error {
	return p.show(w, r, http.StatusOK, nil)
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, status int, retry *duration) error {
	v, err := p.Lost.Look(r.Context(), r.PathValue("case"), p.Browser.Binding(w, r))
	if err != nil {
		return p.over(w, r, err)
	}
	done := r.URL.Query().Get("done")
	s := statePage{View: v, Case: r.PathValue("case"), Sent: done == "sent", Stopped: done == "stopped", Wait: wait(p.Lost.Delay), Retry: retry}
	lang := p.Site.Lang(r)
	for _, f := range v.Working {
		if policy.Recovers(f.Method) {
			s.Codes = true
			continue
		}
		name := p.Site.T(lang, "undo.method."+string(f.Method))
		if f.Name != "" {
			name += " “" + f.Name + "”"
		}
		s.Ways = append(s.Ways, name)
	}
	return p.Site.Render(w, r, status, "lostfactor/state", s)
}

func (p *Pages) mail(w http.ResponseWriter, r *http.Request) error {
	err := p.Lost.Mail(r.Context(), r.PathValue("case"), p.Browser.Binding(w, r))
	if errors.Is(err, limit.ErrTooMany) {
		retry := wait(fault.As(err).RetryAfter)
		return p.show(w, r, http.StatusTooManyRequests, &retry)
	}
	return p.on(w, r, err, "?done=sent")
}

func (p *Pages) withdraw(w http.ResponseWriter, r *http.Request) error {
	return p.on(w, r, p.Lost.Withdraw(r.Context(), r.PathValue("case"), p.Browser.Binding(w, r)), "?done=stopped")
}

// on goes back to the state, which says what is true now.
func (p *Pages) on(w http.ResponseWriter, r *http.Request, err error, done string) error {
	switch {
	case errors.Is(err, lostfactor.ErrNone), errors.Is(err, lostfactor.ErrOver), errors.Is(err, lostfactor.ErrNeedless):
		done = ""
	case err != nil:
		return p.over(w, r, err)
	}
	return browser.To(w, r, root+"/case/"+url.PathEscape(r.PathValue("case"))+done)
}

func (p *Pages) confirm(w http.ResponseWriter, r *http.Request) error {
	if err := p.Lost.Confirm(r.Context(), r.PathValue("case"), p.Browser.Binding(w, r)); err != nil {
		return p.on(w, r, err, "")
	}
	return browser.To(w, r, root+"/done")
}

func (p *Pages) done(w http.ResponseWriter, r *http.Request) error {
	return p.Site.Render(w, r, http.StatusOK, "lostfactor/done", r.URL.Query().Get("stopped") == "1")
}

// ends are the ways in which there is nothing to go on with, each with its own text.
var ends = []struct {
	err error
	key string
}{
	{lostfactor.ErrCase, "case"}, {lostfactor.ErrLink, "link"}, {lostfactor.ErrOver, "over"}, {lostfactor.ErrWaiting, "waiting"},
	{lostfactor.ErrNeedless, "needless"}, {mailproof.ErrExpired, "expired"}, {mailproof.ErrUsed, "used"},
	{mailproof.ErrReplaced, "expired"}, {mailproof.ErrUnknown, "link"},
}

func (p *Pages) over(w http.ResponseWriter, r *http.Request, err error) error {
	for _, e := range ends {
		if errors.Is(err, e.err) {
			return p.Site.Render(w, r, fault.HTTPStatus(err), "lostfactor/over", "lostfactor."+e.key)
		}
	}
	return err
}

// duration is a time as people say it.
type duration struct {
	Key string
	N   int
}

func wait(d time.Duration) duration {
	switch {
	case d >= 48*time.Hour:
		return duration{"lostfactor.days", int((d + 12*time.Hour) / (24 * time.Hour))}
	case d >= 2*time.Hour:
		return duration{"lostfactor.hours", int((d + 30*time.Minute) / time.Hour)}
	}
	return duration{"lostfactor.minutes", int((d + 30*time.Second) / time.Minute)}
}
