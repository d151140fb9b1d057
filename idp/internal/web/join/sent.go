package join

import (
	"errors"
	"math"
	"net/http"
	"time"

	"eulogin.example/idp/internal/mailproof"
	"eulogin.example/proto/kit/fault"
)

type sentPage struct {
	Ticket    string
	Email     string
	ExpiresAt time.Time
	ResendIn  int // seconds until a new mail may be asked for
	Again     bool
	Errors    map[string]fault.Message
	Wait      *wait
}

func (h *Handler) sent(w http.ResponseWriter, r *http.Request) error {
	return h.showSent(w, r, http.StatusOK, nil)
}

func (h *Handler) code(w http.ResponseWriter, r *http.Request) error {
	ticket := r.PathValue("ticket")
	err := h.Signup.ConfirmCode(r.Context(), ticket, h.Browser.Binding(w, r), r.PostFormValue("code"))
	if key := codeFault(err); key != "" {
		return h.showSent(w, r, fault.HTTPStatus(err), fault.As(err).WithField("code", key))
	}
	if err != nil {
		return err
	}
	return to(w, r, "/password/new/"+ticket)
}

// codeFault gives the field message of a code that proves nothing, or "".
func codeFault(err error) string {
	switch {
	case errors.Is(err, mailproof.ErrWrong):
		return "join.error.code_wrong"
	case errors.Is(err, mailproof.ErrTries):
		return "join.error.code_tries"
	case errors.Is(err, mailproof.ErrExpired):
		return "join.error.code_expired"
	case errors.Is(err, mailproof.ErrUsed):
		return "join.error.code_used"
	}
	return ""
}

func (h *Handler) resend(w http.ResponseWriter, r *http.Request) error {
	ticket := r.PathValue("ticket")
	err := h.Signup.Resend(r.Context(), ticket, h.visitor(w, r))
	if fault.KindOf(err) == fault.TooMany {
		return h.showSent(w, r, fault.HTTPStatus(err), err)
	}
	if err != nil {
		return err
	}
	return to(w, r, "/register/sent/"+ticket, "again", "1")
}

func (h *Handler) showSent(w http.ResponseWriter, r *http.Request, status int, fail error) error {
	ticket := r.PathValue("ticket")
	state, err := h.Signup.Waiting(r.Context(), ticket, h.Browser.Binding(w, r))
	if err != nil {
		return err
	}
	p := sentPage{
		Ticket: ticket, Email: state.Email, ExpiresAt: state.ExpiresAt,
		ResendIn: int(math.Ceil(state.ResendIn.Seconds())), Again: r.URL.Query().Get("again") != "",
	}
	p.Errors, p.Wait = onForm(w, fail)
	if p.Errors["code"].Key != "" {
		p.Wait = nil // the message on the field says it all
	}
	return h.Site.Render(w, r, status, "join/sent", p)
}
