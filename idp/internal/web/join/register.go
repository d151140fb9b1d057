package join

import (
	"net/http"

	"eulogin.example/idp/internal/signup"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

type registerPage struct {
	signup.Form
	Languages []page.Option
	Errors    map[string]fault.Message
	Wait      *wait
}

// wait says how long to wait before the form can be sent again.
type wait struct {
	Key string
	N   int
}

func (h *Handler) form(w http.ResponseWriter, r *http.Request) error {
	f := signup.Form{MailLang: h.Site.Lang(r), Flow: r.URL.Query().Get("flow"), Email: r.URL.Query().Get("email")}
	return h.showForm(w, r, http.StatusOK, f, nil)
}

func (h *Handler) register(w http.ResponseWriter, r *http.Request) error {
	f := signup.Form{
		GivenName: r.PostFormValue("given"), FamilyName: r.PostFormValue("family"),
		Email: r.PostFormValue("email"), EmailAgain: r.PostFormValue("email_again"),
		MailLang: r.PostFormValue("mail_lang"), Privacy: r.PostFormValue("privacy") != "",
		Flow: r.PostFormValue("flow"),
	}
	ticket, err := h.Signup.Register(r.Context(), f, h.visitor(w, r))
	if keepsForm(err) {
		return h.showForm(w, r, fault.HTTPStatus(err), f, err)
	}
	if err != nil {
		return err
	}
	return to(w, r, "/register/sent/"+ticket)
}

// keepsForm reports whether an error is shown on the form, with what was typed.
func keepsForm(err error) bool {
	e := fault.As(err)
	return e != nil && (len(e.Fields) > 0 || e.Kind == fault.TooMany)
}

func (h *Handler) showForm(w http.ResponseWriter, r *http.Request, status int, f signup.Form, err error) error {
	p := registerPage{Form: f, Languages: h.languages(f.MailLang)}
	p.Errors, p.Wait = onForm(w, err)
	return h.Site.Render(w, r, status, "join/register", p)
}
