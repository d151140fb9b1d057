package devices

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/web/qr"

	"eulogin.example/idp/internal/web/browser"
)

type codePage struct {
	ID, Name  string
	Here      bool // this browser has the code
	Dead      bool // too many wrong PINs
	QR        qr.Code
	Text      string // what the QR code says
	App       string // address of the app
	ExpiresAt time.Time
	Flow      string
	Next      string // where this page leads once the phone is initialised
	PINs      int
}

// showCode is the page that waits. Only the browser that got the secret can show the code;
// the server has no more than its digest.
func (h *Handler) showCode(w http.ResponseWriter, r *http.Request, id account.ID) error {
	e, done, err := h.find(r, id)
	flow := browser.FlowOf(r)
	if errors.Is(err, phone.ErrCodeUnknown) {
		return h.Site.Render(w, r, http.StatusGone, "devices/gone", codePage{Flow: flow})
	}
	if err != nil {
		return err
	}
	if done {
		h.dropSecret(w)
		if flow != "" {
			return browser.To(w, r, browser.WithFlow("/login", flow))
		}
		return browser.To(w, r, "/account/devices?added="+r.PathValue("id"))
	}
	p := codePage{
		ID: e.ID, Name: e.Name, Dead: e.Dead(), App: h.Issuer + "/app", ExpiresAt: e.ExpiresAt,
		Flow: flow, Next: browser.WithFlow("/account/devices/"+e.ID+"/qr", flow), PINs: phone.EnrolPINs,
	}
	if secret := h.secret(r, e.ID); !p.Dead && e.Opens(secret) {
		p.Here, p.Text = true, phone.CodeText(h.Issuer, e.ID, secret)
		if p.QR, err = qr.Draw(p.Text); err != nil {
			return err
		}
	}
	return h.Site.Render(w, r, http.StatusOK, "devices/qr", p)
}

// newCode is "Show the QR code again": a new secret, and the one before is dead.
func (h *Handler) newCode(w http.ResponseWriter, r *http.Request, id account.ID) error {
	e, secret, err := h.Phone.Reissue(r.Context(), id, r.PathValue("id"))
	if errors.Is(err, phone.ErrCodeUsed) || errors.Is(err, phone.ErrCodeDead) {
		return browser.To(w, r, browser.WithFlow("/account/devices/"+r.PathValue("id")+"/qr", browser.FlowOf(r))) // that page says what happened
	}
	if err != nil {
		return err
	}
	h.keepSecret(w, e.ID, secret)
	return browser.To(w, r, browser.WithFlow("/account/devices/"+e.ID+"/qr", browser.FlowOf(r)))
}

// state tells the waiting page's script whether it shall look again.
func (h *Handler) state(w http.ResponseWriter, r *http.Request, id account.ID) error {
	e, done, err := h.find(r, id)
	if err != nil && !errors.Is(err, phone.ErrCodeUnknown) {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	return json.NewEncoder(w).Encode(map[string]bool{"waiting": err == nil && !done && !e.Dead()})
}

// find gives the enrolment of the address, or says that its device is there. The device is
// asked first: it outlives the enrolment.
func (h *Handler) find(r *http.Request, id account.ID) (phone.Enrolment, bool, error) {
	_, err := h.Phone.Device(r.Context(), id, r.PathValue("id"))
	if !errors.Is(err, phone.ErrDeviceUnknown) {
		return phone.Enrolment{}, err == nil, err
	}
	e, err := h.Phone.Enrolment(r.Context(), id, r.PathValue("id"))
	if err == nil && e.Done { // initialised, and deleted since
		err = phone.ErrCodeUnknown
	}
	return e, false, err
}

// The cookie holds the secret of the code that this browser shows, so that the page can be
// loaded again although the server cannot tell the secret.
func (h *Handler) keepSecret(w http.ResponseWriter, id, secret string) {
	h.cookie(w, id+"."+secret, int(phone.EnrolFor.Seconds()))
}

func (h *Handler) dropSecret(w http.ResponseWriter) { h.cookie(w, "", -1) }

func (h *Handler) secret(r *http.Request, id string) string {
	c, err := r.Cookie(h.cookieName())
	if err != nil {
		return ""
	}
	of, secret, _ := strings.Cut(c.Value, ".")
	if of != id || !phone.IsID(secret) {
		return ""
	}
	return secret
}

func (h *Handler) cookie(w http.ResponseWriter, value string, age int) {
	http.SetCookie(w, &http.Cookie{
		Name: h.cookieName(), Value: value, Path: "/", MaxAge: age, HttpOnly: true, Secure: h.Secure, SameSite: http.SameSiteLaxMode,
	})
}

func (h *Handler) cookieName() string {
	if h.Secure {
		return "__Host-eulogin_enrol"
	}
	return "eulogin_enrol"
}
