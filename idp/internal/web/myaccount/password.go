package myaccount

import (
	"net/http"

	"eulogin.example/idp/internal/manage"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/idp/internal/web/newpassword"
	"eulogin.example/proto/kit/fault"
)

func (h *Handler) password(w http.ResponseWriter, r *http.Request, p manage.Person) error {
	return h.showPassword(w, r, p, http.StatusOK, nil)
}

func (h *Handler) changePassword(w http.ResponseWriter, r *http.Request, p manage.Person) error {
	current, plain, confirm := newpassword.Typed(r)
	err := h.Manage.ChangePassword(r.Context(), p, current, plain, confirm)
	if errs, ok := onForm(err); ok {
		return h.showPassword(w, r, p, fault.HTTPStatus(err), errs)
	}
	if err != nil {
		return err
	}
	return browser.To(w, r, "/account?done=password")
}

func (h *Handler) showPassword(w http.ResponseWriter, r *http.Request, p manage.Person, status int, errs map[string]fault.Message) error {
	o, err := h.Manage.Overview(r.Context(), p.Account)
	if err != nil {
		return err
	}
	v := newpassword.View{
		Title: "myaccount.password.title", Intro: "myaccount.password.intro", Action: "/account/password",
		User: o.Account.Email, NeedCurrent: true, Cancel: "/account", Errors: errs,
	}
	return h.Site.Render(w, r, status, newpassword.Template, newpassword.Fill(v, h.Passwords))
}
