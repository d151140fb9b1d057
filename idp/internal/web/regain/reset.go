package regain

import (
	"errors"
	"net/http"

	"eulogin.example/idp/internal/mailproof"
	"eulogin.example/proto/kit/fault"
)

type resetPage struct{ Token string }

// link shows a page with a button and uses nothing up: mail scanners open links, people
// press buttons.
func (h *Handler) link(w http.ResponseWriter, r *http.Request) error {
	token := r.URL.Query().Get("t")
	err := h.Recover.Look(r.Context(), token, h.Browser.Binding(w, r))
	if state := dead(err); state != "" {
		return h.showDead(w, r, deadPage{Token: token, State: state}, nil)
	}
	if err != nil {
		return err
	}
	return h.Site.Render(w, r, http.StatusOK, "regain/reset", resetPage{Token: token})
}

func (h *Handler) confirm(w http.ResponseWriter, r *http.Request) error {
	token := r.PostFormValue("t")
	ticket, err := h.Recover.Confirm(r.Context(), token, h.Browser.Binding(w, r))
	if dead(err) != "" {
		return to(w, r, "/password/reset", "t", token) // its page says why
	}
	if err != nil {
		return err
	}
	return to(w, r, "/password/change/"+ticket)
}

type deadPage struct {
	Token, State, Email string
	Errors              map[string]fault.Message
	Wait                *wait
}

// dead names what became of a link: expired, used or replaced; "" when it lives or is
// none of ours.
func dead(err error) string {
	switch {
	case errors.Is(err, mailproof.ErrExpired):
		return "expired"
	case errors.Is(err, mailproof.ErrUsed):
		return "used"
	case errors.Is(err, mailproof.ErrReplaced):
		return "replaced"
	}
	return ""
}

func (h *Handler) showDead(w http.ResponseWriter, r *http.Request, p deadPage, fail error) error {
	status := http.StatusGone
	if fail != nil {
		status = fault.HTTPStatus(fail)
	}
	p.Errors, p.Wait = onForm(w, fail)
	return h.Site.Render(w, r, status, "regain/dead", p)
}

// again sends a new mail after the address was typed on a dead link's page.
func (h *Handler) again(w http.ResponseWriter, r *http.Request) error {
	p := deadPage{Token: r.PostFormValue("t"), Email: r.PostFormValue("email")}
	v := h.visitor(w, r)
	err := h.Recover.Again(r.Context(), p.Token, p.Email, v)
	if err == nil {
		return to(w, r, "/password/lost/sent")
	}
	if !keepsForm(err) {
		return err
	}
	p.State = dead(h.Recover.Look(r.Context(), p.Token, v.Browser))
	if p.State == "" {
		return to(w, r, "/password/reset", "t", p.Token)
	}
	return h.showDead(w, r, p, err)
}
