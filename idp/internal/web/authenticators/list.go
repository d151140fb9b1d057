package authenticators

import (
	"errors"
	"net/http"

	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/totp"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/proto/kit/fault"
)

type listPage struct {
	Apps   []totp.Authenticator
	Added  string // name of the app that was just added
	Notice string // key of what was just done, or ""
	Full   bool
	Max    int
}

// notices are the keys of what the list may be asked to say; anything else is ignored.
var notices = map[string]string{"removed": "authenticators.done.removed", "renamed": "authenticators.done.renamed"}

func (h *Handler) list(w http.ResponseWriter, r *http.Request, p totp.Person) error {
	have, err := h.TOTP.List(r.Context(), p.Account)
	if err != nil {
		return err
	}
	shown := listPage{Apps: have, Notice: notices[r.URL.Query().Get("done")], Full: len(have) >= totp.MaxAuthenticators, Max: totp.MaxAuthenticators}
	for _, a := range have {
		if a.ID == r.URL.Query().Get("added") && h.Now().Sub(a.AddedAt) < totp.SetupFor {
			shown.Added = a.Name
		}
	}
	return h.Site.Render(w, r, http.StatusOK, "authenticators/list", shown)
}

type appPage struct {
	App    totp.Authenticator
	Name   string // as typed
	Errors map[string]fault.Message
}

func (h *Handler) askRename(w http.ResponseWriter, r *http.Request, p totp.Person) error {
	return h.showApp(w, r, p, "authenticators/rename", nil)
}

func (h *Handler) rename(w http.ResponseWriter, r *http.Request, p totp.Person) error {
	err := h.TOTP.Rename(r.Context(), p.Account, r.PathValue("id"), r.PostFormValue("name"))
	if errors.Is(err, totp.ErrForm) {
		return h.showApp(w, r, p, "authenticators/rename", err)
	}
	if err != nil {
		return err
	}
	return browser.To(w, r, root+"?done=renamed")
}

func (h *Handler) askRemove(w http.ResponseWriter, r *http.Request, p totp.Person) error {
	return h.showApp(w, r, p, "authenticators/remove", nil)
}

// remove removes; an app that is gone already, by a second click, is no error.
func (h *Handler) remove(w http.ResponseWriter, r *http.Request, p totp.Person) error {
	err := h.TOTP.Remove(r.Context(), p.Account, r.PathValue("id"), h.Browser.Bares(r))
	if err != nil && !errors.Is(err, factor.ErrUnknown) {
		return err
	}
	return browser.To(w, r, root+"?done=removed")
}

// showApp renders a page about one of the person's own apps.
func (h *Handler) showApp(w http.ResponseWriter, r *http.Request, p totp.Person, name string, why error) error {
	a, err := h.TOTP.One(r.Context(), p.Account, r.PathValue("id"))
	if err != nil {
		return err
	}
	shown, status := appPage{App: a, Name: a.Name}, http.StatusOK
	if why != nil {
		shown.Name, shown.Errors, status = r.PostFormValue("name"), fault.As(why).Fields, fault.HTTPStatus(why)
	}
	return h.Site.Render(w, r, status, name, shown)
}
