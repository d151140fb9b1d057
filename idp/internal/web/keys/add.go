package keys

import (
	"errors"
	"net/http"
	"net/url"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/factor/webauthn"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/proto/kit/fault"
)

type addPage struct {
	way
	Name   string
	Errors map[string]fault.Message
	Full   bool
	Max    int
}

func (h *Handler) add(w http.ResponseWriter, r *http.Request, id account.ID) error {
	all, err := h.Keys.Credentials(r.Context(), id)
	if err != nil {
		return err
	}
	return h.Site.Render(w, r, http.StatusOK, "keys/add", addPage{way: wayOf(r), Full: len(all) >= webauthn.MaxCredentials, Max: webauthn.MaxCredentials})
}

// begin takes the name and leads to the page on which the browser asks for the key.
func (h *Handler) begin(w http.ResponseWriter, r *http.Request, id account.ID) error {
	name := r.PostFormValue("name")
	c, err := h.Keys.Begin(r.Context(), id, name)
	if errors.Is(err, webauthn.ErrForm) {
		return h.Site.Render(w, r, fault.HTTPStatus(err), "keys/add", addPage{way: wayOf(r), Name: name, Errors: fault.As(err).Fields})
	}
	if err != nil {
		return err
	}
	return browser.To(w, r, wayOf(r).Keep("/account/keys/browser?c="+url.QueryEscape(c.ID)))
}

type promptPage struct {
	way
	Ceremony webauthn.Ceremony
	Problem  fault.Message // why the last answer did not count
}

func (h *Handler) prompt(w http.ResponseWriter, r *http.Request, id account.ID) error {
	return h.showPrompt(w, r, id, http.StatusOK, fault.Message{})
}

// finish takes what the browser says.
func (h *Handler) finish(w http.ResponseWriter, r *http.Request, id account.ID) error {
	k, err := h.Keys.Finish(r.Context(), id, r.PostFormValue("c"), r.PostFormValue("code"))
	switch {
	case err == nil:
		return browser.To(w, r, wayOf(r).after(k.ID))
	case errors.Is(err, webauthn.ErrRefused):
		return h.showPrompt(w, r, id, fault.HTTPStatus(err), fault.As(err).Fields["code"])
	}
	return h.over(w, r, err)
}

// showPrompt shows the page that waits for the browser; after an error the browser is asked
// again only when the person says so.
func (h *Handler) showPrompt(w http.ResponseWriter, r *http.Request, id account.ID, status int, problem fault.Message) error {
	c, err := h.Keys.Begun(r.Context(), id, r.FormValue("c"))
	if err != nil {
		return h.over(w, r, err)
	}
	return h.Site.Render(w, r, status, "keys/prompt", promptPage{way: wayOf(r), Ceremony: c, Problem: problem})
}

// over leads to a new start when the old one cannot be answered any more.
func (h *Handler) over(w http.ResponseWriter, r *http.Request, err error) error {
	if !errors.Is(err, webauthn.ErrOver) {
		return err
	}
	return h.Site.Render(w, r, fault.HTTPStatus(err), "keys/over", wayOf(r))
}
