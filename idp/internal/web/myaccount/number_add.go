package myaccount

import (
	"errors"
	"net/http"
	"time"

	"eulogin.example/idp/internal/factor/sms"
	"eulogin.example/idp/internal/manage"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/proto/kit/fault"
)

type addPage struct {
	Number string
	SignIn bool   // the number will be a verification method
	Flow   string // the sign-in that the person came from
	Errors map[string]fault.Message
}

func (h *Handler) addNumber(w http.ResponseWriter, r *http.Request, _ manage.Person) error {
	return h.showAdd(w, r, nil, addPage{})
}

func (h *Handler) beginNumber(w http.ResponseWriter, r *http.Request, p manage.Person) error {
	typed := r.PostFormValue("number")
	err := h.Manage.BeginNumber(r.Context(), p, typed)
	if errs, ok := onForm(err); ok {
		return h.showAdd(w, r, err, addPage{Number: typed, Errors: errs})
	}
	if err != nil {
		return err
	}
	return browser.To(w, r, browser.WithFlow("/account/numbers/confirm", browser.FlowOf(r)))
}

// showAdd shows the first screen, with what is wrong if anything is.
func (h *Handler) showAdd(w http.ResponseWriter, r *http.Request, why error, p addPage) error {
	status := http.StatusOK
	if why != nil {
		status = fault.HTTPStatus(why)
	}
	p.SignIn, p.Flow = h.SMS, browser.FlowOf(r)
	return h.Site.Render(w, r, status, "myaccount/number-add", p)
}

type confirmPage struct {
	Number    string
	ExpiresAt time.Time
	Again     bool
	Flow      string
	Errors    map[string]fault.Message
}

// confirmNumber shows the screen for the challenge code. Its number stands there in full:
// the person typed it a moment ago and has to see a mistake in it.
func (h *Handler) confirmNumber(w http.ResponseWriter, r *http.Request, p manage.Person) error {
	return h.showConfirm(w, r, p, http.StatusOK, nil)
}

func (h *Handler) proveNumber(w http.ResponseWriter, r *http.Request, p manage.Person) error {
	_, err := h.Manage.ConfirmNumber(r.Context(), p.Account, r.PostFormValue("code"))
	if errors.Is(err, sms.ErrWrong) || overKey(err) != "" {
		return h.showConfirm(w, r, p, fault.HTTPStatus(err), map[string]fault.Message{"code": {Key: "myaccount.error.code"}})
	}
	if errs, ok := onForm(err); ok { // the number was registered or the list filled meanwhile
		return h.showAdd(w, r, err, addPage{Errors: errs})
	}
	if err != nil {
		return err
	}
	if flow := browser.FlowOf(r); flow != "" {
		return browser.To(w, r, browser.WithFlow("/login", flow))
	}
	return browser.To(w, r, "/account/numbers?done=added")
}

func (h *Handler) resendNumber(w http.ResponseWriter, r *http.Request, p manage.Person) error {
	err := h.Manage.ResendNumber(r.Context(), p)
	if err != nil {
		return err
	}
	return browser.To(w, r, browser.WithFlow("/account/numbers/confirm?again=1", browser.FlowOf(r)))
}

func (h *Handler) cancelNumber(w http.ResponseWriter, r *http.Request, p manage.Person) error {
	err := h.Manage.CancelNumber(r.Context(), p.Account)
	if err != nil {
		return err
	}
	if flow := browser.FlowOf(r); flow != "" {
		return browser.To(w, r, browser.WithFlow("/login", flow))
	}
	return browser.To(w, r, "/account/numbers")
}

func (h *Handler) showConfirm(w http.ResponseWriter, r *http.Request, p manage.Person, status int, errs map[string]fault.Message) error {
	ch, err := h.Manage.PendingNumber(r.Context(), p.Account)
	if key := overKey(err); key != "" { // back to the first screen, which says why
		return h.showAdd(w, r, err, addPage{
			Number: string(ch.Number), Errors: map[string]fault.Message{"number": {Key: key, Args: []any{sms.MaxTries}}},
		})
	}
	if err != nil {
		return err
	}
	return h.Site.Render(w, r, status, "myaccount/number-confirm", confirmPage{
		Number: string(ch.Number), ExpiresAt: ch.ExpiresAt, Errors: errs, Again: r.URL.Query().Get("again") != "", Flow: browser.FlowOf(r),
	})
}

// overKey gives the text for a challenge that can no longer be met, or "".
func overKey(err error) string {
	switch {
	case errors.Is(err, sms.ErrTries):
		return "myaccount.error.code_tries"
	case errors.Is(err, sms.ErrExpired):
		return "myaccount.error.code_expired"
	}
	return ""
}
