package authenticators

import (
	"errors"
	"html/template"
	"net/http"

	"eulogin.example/idp/internal/factor/totp"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/idp/internal/web/qr"
	"eulogin.example/proto/kit/fault"
)

type addPage struct {
	Name   string
	Flow   string
	Back   string
	Errors map[string]fault.Message
}

func (h *Handler) add(w http.ResponseWriter, r *http.Request, _ totp.Person) error {
	return h.Site.Render(w, r, http.StatusOK, "authenticators/add", addPage{Flow: browser.FlowOf(r), Back: back(browser.FlowOf(r))})
}

// begin takes the name and leads to the page with the QR code.
func (h *Handler) begin(w http.ResponseWriter, r *http.Request, p totp.Person) error {
	name := r.PostFormValue("name")
	id, err := h.TOTP.Begin(r.Context(), p, name)
	if errors.Is(err, totp.ErrForm) {
		shown := addPage{Name: name, Flow: browser.FlowOf(r), Back: back(browser.FlowOf(r)), Errors: fault.As(err).Fields}
		return h.Site.Render(w, r, fault.HTTPStatus(err), "authenticators/add", shown)
	}
	if err != nil {
		return err
	}
	return browser.To(w, r, browser.WithFlow(root+"/"+id+"/setup", browser.FlowOf(r)))
}

type setupPage struct {
	totp.Setup
	QR     qr.Code
	Link   template.URL // the same, to be opened on this device; otpauth is no scheme of pages
	Flow   string
	Errors map[string]fault.Message
}

// setup shows QR code and key to the session that began, until the app is added.
func (h *Handler) setup(w http.ResponseWriter, r *http.Request, p totp.Person) error {
	return h.showSetup(w, r, p, http.StatusOK, nil)
}

func (h *Handler) showSetup(w http.ResponseWriter, r *http.Request, p totp.Person, status int, errs map[string]fault.Message) error {
	s, err := h.TOTP.Setup(r.Context(), p, r.PathValue("id"))
	if errors.Is(err, totp.ErrSetup) {
		return h.over(w, r, p)
	}
	if err != nil {
		return err
	}
	code, err := qr.Draw(s.URI)
	if err != nil {
		return err
	}
	return h.Site.Render(w, r, status, "authenticators/setup", setupPage{Setup: s, QR: code, Link: template.URL(s.URI), Flow: browser.FlowOf(r), Errors: errs})
}

// confirm takes the first code of the app.
func (h *Handler) confirm(w http.ResponseWriter, r *http.Request, p totp.Person) error {
	_, err := h.TOTP.Confirm(r.Context(), p, r.PathValue("id"), r.PostFormValue("code"))
	switch {
	case errors.Is(err, totp.ErrForm):
		return h.showSetup(w, r, p, fault.HTTPStatus(err), fault.As(err).Fields)
	case errors.Is(err, totp.ErrSetup):
		return h.over(w, r, p)
	case err != nil:
		return err
	}
	return h.added(w, r)
}

// over answers for a setup that cannot be gone on with; the app may be added, by the same form
// sent twice.
func (h *Handler) over(w http.ResponseWriter, r *http.Request, p totp.Person) error {
	_, err := h.TOTP.One(r.Context(), p.Account, r.PathValue("id"))
	if err == nil {
		return h.added(w, r)
	}
	if fault.KindOf(err) != fault.NotFound {
		return err
	}
	return h.Site.Render(w, r, http.StatusGone, "authenticators/over", addPage{Flow: browser.FlowOf(r)})
}

// added goes on to the sign-in that sent the person, or to the list.
func (h *Handler) added(w http.ResponseWriter, r *http.Request) error {
	if flow := browser.FlowOf(r); flow != "" {
		return browser.To(w, r, browser.WithFlow("/login", flow))
	}
	return browser.To(w, r, root+"?added="+r.PathValue("id"))
}

func (h *Handler) cancel(w http.ResponseWriter, r *http.Request, p totp.Person) error {
	if err := h.TOTP.Discard(r.Context(), p, r.PathValue("id")); err != nil {
		return err
	}
	return browser.To(w, r, back(browser.FlowOf(r)))
}
