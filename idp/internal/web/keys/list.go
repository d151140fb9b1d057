package keys

import (
	"errors"
	"net/http"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/webauthn"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/proto/kit/fault"
)

// justNow is how long the list greets a key that was added.
const justNow = 10 * time.Minute

type listPage struct {
	way
	Keys    []webauthn.Credential
	Added   *webauthn.Credential // that was just added
	Removed bool
	Renamed bool
	Full    bool
	Max     int
}

func (h *Handler) list(w http.ResponseWriter, r *http.Request, id account.ID) error {
	all, err := h.Keys.Credentials(r.Context(), id)
	if err != nil {
		return err
	}
	done := r.URL.Query().Get("done")
	p := listPage{way: wayOf(r), Keys: all, Removed: done == "removed", Renamed: done == "renamed", Full: len(all) >= webauthn.MaxCredentials, Max: webauthn.MaxCredentials}
	for _, c := range all {
		if c.ID == r.URL.Query().Get("added") && h.Now().Sub(c.AddedAt) < justNow {
			p.Added = &c
		}
	}
	return h.Site.Render(w, r, http.StatusOK, "keys/list", p)
}

type renamePage struct {
	Key    webauthn.Credential
	Name   string
	Errors map[string]fault.Message
}

func (h *Handler) askRename(w http.ResponseWriter, r *http.Request, id account.ID) error {
	c, err := h.Keys.Credential(r.Context(), id, r.PathValue("id"))
	if err != nil {
		return err
	}
	return h.Site.Render(w, r, http.StatusOK, "keys/rename", renamePage{Key: c, Name: c.Name})
}

func (h *Handler) rename(w http.ResponseWriter, r *http.Request, id account.ID) error {
	name := r.PostFormValue("name")
	err := h.Keys.Rename(r.Context(), id, r.PathValue("id"), name)
	if errors.Is(err, webauthn.ErrForm) {
		c, lerr := h.Keys.Credential(r.Context(), id, r.PathValue("id"))
		if lerr != nil {
			return lerr
		}
		return h.Site.Render(w, r, fault.HTTPStatus(err), "keys/rename", renamePage{c, name, fault.As(err).Fields})
	}
	if err != nil {
		return err
	}
	return browser.To(w, r, "/account/keys?done=renamed")
}

func (h *Handler) askRemove(w http.ResponseWriter, r *http.Request, id account.ID) error {
	c, err := h.Keys.Credential(r.Context(), id, r.PathValue("id"))
	if err != nil {
		return err
	}
	return h.Site.Render(w, r, http.StatusOK, "keys/remove", c)
}

// remove removes; a key that is gone already, by a second click, is no error.
func (h *Handler) remove(w http.ResponseWriter, r *http.Request, id account.ID) error {
	err := h.Keys.Remove(r.Context(), id, r.PathValue("id"), h.Browser.Bares(r))
	if err != nil && !errors.Is(err, factor.ErrUnknown) {
		return err
	}
	return browser.To(w, r, "/account/keys?done=removed")
}
