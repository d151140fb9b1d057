package helpdesk

import (
	"errors"
	"net/http"

	"eulogin.example/idp/internal/helpdesk"
	"eulogin.example/idp/internal/limit"
	"eulogin.example/idp/internal/mailproof"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/proto/kit/fault"
)

type askPage struct {
	Email, Token, Text string
	Often              bool
	Errors             map[string]fault.Message
}

func (p *Pages) askForm(w http.ResponseWriter, r *http.Request) error {
	return p.Site.Render(w, r, http.StatusOK, "helpdesk/ask", askPage{Email: r.URL.Query().Get("email")})
}

// ask answers the same whether the address has an account or not.
func (p *Pages) ask(w http.ResponseWriter, r *http.Request) error {
	email := r.PostFormValue("email")
	err := p.Desk.Ask(r.Context(), email, helpdesk.Visitor{Browser: p.Browser.Binding(w, r), Address: p.Address(r), Lang: p.Site.Lang(r)})
	switch e := fault.As(err); {
	case errors.Is(err, limit.ErrTooMany):
		return p.Site.Render(w, r, http.StatusTooManyRequests, "helpdesk/ask", askPage{Email: email, Often: true})
	case e != nil && len(e.Fields) > 0:
		return p.Site.Render(w, r, fault.HTTPStatus(err), "helpdesk/ask", askPage{Email: email, Errors: e.Fields})
	case err != nil:
		return err
	}
	return browser.To(w, r, "/helpdesk/asked")
}

func (p *Pages) asked(w http.ResponseWriter, r *http.Request) error {
	return p.Site.Render(w, r, http.StatusOK, "helpdesk/said", "helpdesk.asked")
}

func (p *Pages) written(w http.ResponseWriter, r *http.Request) error {
	return p.Site.Render(w, r, http.StatusOK, "helpdesk/said", "helpdesk.written")
}

// writeForm uses nothing up: scanners of mails open links.
func (p *Pages) writeForm(w http.ResponseWriter, r *http.Request) error {
	token := r.URL.Query().Get("t")
	if err := p.Desk.LookLink(r.Context(), token, p.Browser.Binding(w, r)); err != nil {
		return p.dead(w, r, err)
	}
	return p.Site.Render(w, r, http.StatusOK, "helpdesk/write", askPage{Token: token})
}

func (p *Pages) write(w http.ResponseWriter, r *http.Request) error {
	form := askPage{Token: r.PostFormValue("t"), Text: r.PostFormValue("text")}
	err := p.Desk.Write(r.Context(), form.Token, p.Browser.Binding(w, r), form.Text)
	if e := fault.As(err); e != nil && len(e.Fields) > 0 {
		form.Errors = e.Fields
		return p.Site.Render(w, r, fault.HTTPStatus(err), "helpdesk/write", form)
	}
	if err != nil {
		return p.dead(w, r, err)
	}
	return browser.To(w, r, "/helpdesk/written")
}

// dead says that a link cannot be used any more.
func (p *Pages) dead(w http.ResponseWriter, r *http.Request, err error) error {
	for _, e := range []*fault.Error{mailproof.ErrExpired, mailproof.ErrUsed, mailproof.ErrReplaced, mailproof.ErrUnknown} {
		if errors.Is(err, e) {
			return p.Site.Render(w, r, fault.HTTPStatus(err), "helpdesk/said", "helpdesk.dead")
		}
	}
	return err
}
