package activity

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"eulogin.example/idp/internal/activity"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/manage"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/proto/kit/page"
)

// Browser is what is needed of package browser.
type Browser interface {
	// Require leads to the sign-in unless the session satisfies the requirement.
	Require(req policy.Requirement, h browser.Handler) browser.Handler
	// Forget removes the cookies of a session that has ended.
	Forget(w http.ResponseWriter)
}

// Pages are the pages; every field is required.
type Pages struct {
	Site     *page.Site
	Browser  Browser
	Activity *activity.Service
	Service  func(clientID string) string // name of a service, "" when it is gone
	Farewell Farewell
}

// Farewell shows what the end of this browser's own session leaves to say.
type Farewell interface {
	Show(w http.ResponseWriter, r *http.Request, sess session.Session, to string) error
}

type handle = func(http.ResponseWriter, *http.Request, browser.Person) error

// Mount registers the routes. To look and to end wants no more than a sign-in: whoever fears
// for the account must not be stopped by a phone that is gone.
func (p *Pages) Mount(mux *http.ServeMux) {
	for pattern, f := range map[string]handle{
		"GET /account/sessions":              p.sessions,
		"POST /account/sessions/{sid}/end":   p.end,
		"POST /account/sessions/{sid}/leave": p.leave,
		"POST /account/sessions/end-others":  p.endOthers,
		"POST /account/sessions/end-all":     p.endAll,
		"GET /account/history":               p.history,
		"GET /account/history/{id}/notme":    p.askNotMe,
		"POST /account/history/{id}/notme":   p.notMe,
	} {
		mux.Handle(pattern, p.Site.Handle(p.Browser.Require(manage.Looking(), func(w http.ResponseWriter, r *http.Request) error {
			return f(w, r, browser.From(r.Context()))
		})))
	}
}

// service is one that a session is signed in to.
type service struct{ Client, Name string }

// row is one session in the list.
type row struct {
	SID, Browser, Address, Level string
	Created, Seen                time.Time
	Services                     []service
	Own                          bool
}

type sessionsPage struct {
	Sessions []row
	Others   bool
	Notice   string
}

// notices are the keys of what the list may be asked to say.
var notices = map[string]string{"ended": "activity.done.ended", "left": "activity.done.left", "others": "activity.done.others"}

func (p *Pages) sessions(w http.ResponseWriter, r *http.Request, who browser.Person) error {
	living, err := p.Activity.Living(r.Context(), who.Account.ID, who.Session.ID)
	if err != nil {
		return err
	}
	d := sessionsPage{Notice: notices[r.URL.Query().Get("done")]}
	for _, s := range living {
		out := row{SID: s.ID, Browser: s.Browser, Address: s.Address, Level: s.Level.String(), Created: s.Created, Seen: s.Seen, Own: s.Own}
		for _, c := range s.Clients {
			if name := p.Service(c); name != "" {
				out.Services = append(out.Services, service{c, name})
			}
		}
		d.Sessions = append(d.Sessions, out)
		d.Others = d.Others || !s.Own
	}
	return p.Site.Render(w, r, http.StatusOK, "activity/sessions", d)
}

func (p *Pages) end(w http.ResponseWriter, r *http.Request, who browser.Person) error {
	if err := p.Activity.End(r.Context(), who.Account.ID, r.PathValue("sid")); err != nil {
		return err
	}
	if r.PathValue("sid") == who.Session.ID {
		p.Browser.Forget(w)
		return p.Farewell.Show(w, r, who.Session, "")
	}
	return browser.To(w, r, "/account/sessions?done=ended")
}

// leave signs a session out of one service.
func (p *Pages) leave(w http.ResponseWriter, r *http.Request, who browser.Person) error {
	if err := p.Activity.EndService(r.Context(), who.Account.ID, r.PathValue("sid"), r.PostFormValue("client")); err != nil {
		return err
	}
	return browser.To(w, r, "/account/sessions?done=left")
}

func (p *Pages) endOthers(w http.ResponseWriter, r *http.Request, who browser.Person) error {
	if err := p.Activity.EndOthers(r.Context(), who.Account.ID, who.Session.ID); err != nil {
		return err
	}
	return browser.To(w, r, "/account/sessions?done=others")
}

func (p *Pages) endAll(w http.ResponseWriter, r *http.Request, who browser.Person) error {
	if err := p.Activity.EndOthers(r.Context(), who.Account.ID, ""); err != nil {
		return err
	}
	p.Browser.Forget(w)
	return p.Farewell.Show(w, r, who.Session, "")
}

// line is one line of the history.
type line struct {
	ID, Outcome, Service, Browser, Address, Level string
	Methods                                       []string
	At                                            time.Time
	Good                                          bool
}

type historyPage struct {
	Lines []line
	Next  string // mark of the next page
}

func (p *Pages) history(w http.ResponseWriter, r *http.Request, who browser.Person) error {
	all, next, err := p.Activity.Past(r.Context(), who.Account.ID, r.URL.Query().Get("before"))
	if err != nil {
		return err
	}
	d := historyPage{Next: next}
	for _, a := range all {
		d.Lines = append(d.Lines, p.line(r, a))
	}
	return p.Site.Render(w, r, http.StatusOK, "activity/history", d)
}

// outcomes are those that a line can show; the catalogue names them.
var outcomes = []string{login.SignedIn, login.WrongPassword, login.WrongCode, login.Locked, login.DeniedOnPhone}

func (p *Pages) line(r *http.Request, a login.Attempt) line {
	lang := p.Site.Lang(r)
	l := line{ID: a.ID, At: a.At, Service: a.Service, Browser: a.Browser, Address: a.Address, Level: a.Level, Good: a.Outcome == login.SignedIn}
	if slices.Contains(outcomes, a.Outcome) {
		l.Outcome = p.Site.T(lang, "activity.outcome."+a.Outcome)
	}
	for _, m := range strings.Fields(a.Methods) {
		l.Methods = append(l.Methods, p.Site.T(lang, "activity.method."+m))
	}
	return l
}

func (p *Pages) askNotMe(w http.ResponseWriter, r *http.Request, who browser.Person) error {
	a, err := p.Activity.Line(r.Context(), who.Account.ID, r.PathValue("id"))
	if err != nil {
		return err
	}
	return p.Site.Render(w, r, http.StatusOK, "activity/notme", p.line(r, a))
}

// notMe ends everything else and leads to choosing a new password.
func (p *Pages) notMe(w http.ResponseWriter, r *http.Request, who browser.Person) error {
	if err := p.Activity.Disown(r.Context(), who.Account.ID, who.Session.ID, r.PathValue("id")); err != nil {
		return err
	}
	return browser.To(w, r, "/account/password")
}
