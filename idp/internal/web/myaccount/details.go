package myaccount

import (
	"net/http"
	"strconv"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/manage"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

type detailsPage struct {
	Account   account.Account
	Languages []page.Option
	Errors    map[string]fault.Message
}

func (h *Handler) details(w http.ResponseWriter, r *http.Request, p manage.Person) error {
	return h.showDetails(w, r, p, http.StatusOK, nil)
}

func (h *Handler) saveDetails(w http.ResponseWriter, r *http.Request, p manage.Person) error {
	version, _ := strconv.ParseInt(r.PostFormValue("version"), 10, 64) // no number is no version: "changed meanwhile"
	err := h.Manage.SetMailLang(r.Context(), p.Account, version, r.PostFormValue("mail_lang"))
	if errs, ok := onForm(err); ok {
		return h.showDetails(w, r, p, fault.HTTPStatus(err), errs)
	}
	if err != nil {
		return err
	}
	return browser.To(w, r, "/account?done=details")
}

func (h *Handler) showDetails(w http.ResponseWriter, r *http.Request, p manage.Person, status int, errs map[string]fault.Message) error {
	o, err := h.Manage.Overview(r.Context(), p.Account)
	if err != nil {
		return err
	}
	page := detailsPage{Account: o.Account, Errors: errs, Languages: h.languages(o.Account.MailLang)}
	return h.Site.Render(w, r, status, "myaccount/details", page)
}

// languages are the choices for the language of mails, in their own words.
func (h *Handler) languages(chosen string) []page.Option {
	var out []page.Option
	for _, l := range notify.Languages {
		out = append(out, page.Option{Value: l, Label: h.Site.T(l, "myaccount.language_name"), Selected: l == chosen})
	}
	return out
}
