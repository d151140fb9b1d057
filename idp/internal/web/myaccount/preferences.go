package myaccount

import (
	"net/http"
	"strconv"

	"eulogin.example/idp/internal/manage"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/proto/kit/fault"
)

type preferencesPage struct {
	manage.Preferences
	Version int64
	Errors  map[string]fault.Message
}

func (h *Handler) preferences(w http.ResponseWriter, r *http.Request, p manage.Person) error {
	o, err := h.Manage.Overview(r.Context(), p.Account)
	if err != nil {
		return err
	}
	a := o.Account
	return h.Site.Render(w, r, http.StatusOK, "myaccount/preferences", preferencesPage{
		Preferences: manage.Preferences{TellSignIn: a.TellSignIn, WarnRelease: a.WarnRelease, ShowDetails: a.ShowDetails, AlwaysMFA: a.AlwaysMFA, Adaptive: a.Adaptive}, Version: a.Version,
	})
}

func (h *Handler) savePreferences(w http.ResponseWriter, r *http.Request, p manage.Person) error {
	on := func(name string) bool { return r.PostFormValue(name) == "on" }
	version, _ := strconv.ParseInt(r.PostFormValue("version"), 10, 64) // no number is no version: "changed meanwhile"
	want := manage.Preferences{TellSignIn: on("tell_signin"), WarnRelease: on("warn_release"), ShowDetails: on("show_details"), AlwaysMFA: on("always_mfa"), Adaptive: on("adaptive")}
	err := h.Manage.SetPreferences(r.Context(), p.Account, version, want)
	if errs, ok := onForm(err); ok {
		return h.Site.Render(w, r, fault.HTTPStatus(err), "myaccount/preferences", preferencesPage{Preferences: want, Version: version, Errors: errs})
	}
	if err != nil {
		return err
	}
	return browser.To(w, r, "/account?done=preferences")
}
