package join

import (
	"errors"
	"net/http"

	"eulogin.example/idp/internal/mailproof"
	"eulogin.example/proto/kit/fault"
)

type confirmPage struct{ Token string }

// link shows a page with a button and uses nothing up: mail scanners open links, people
// press buttons.
func (h *Handler) link(w http.ResponseWriter, r *http.Request) error {
	token := r.URL.Query().Get("t")
	done, err := h.Signup.Look(r.Context(), token, h.Browser.Binding(w, r))
	if state := dead(err); state != "" {
		return h.showDead(w, r, deadPage{Token: token, State: state, Done: done}, nil)
	}
	if err != nil {
		return err
	}
	return h.Site.Render(w, r, http.StatusOK, "join/confirm", confirmPage{Token: token})
}

func (h *Handler) confirm(w http.ResponseWriter, r *http.Request) error {
	token := r.PostFormValue("t")
	ticket, err := h.Signup.Confirm(r.Context(), token, h.Browser.Binding(w, r))
	if dead(err) != "" {
		return to(w, r, "/register/confirm", "t", token) // its page says why
	}
	if err != nil {
		return err
	}
	return to(w, r, "/password/new/"+ticket)
}

type deadPage struct {
	Token, State, Email string
	Done                bool // the account exists
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
	return h.Site.Render(w, r, status, "join/dead", p)
}

// again sends a new mail after the address was typed on a dead link's page.
func (h *Handler) again(w http.ResponseWriter, r *http.Request) error {
	token, email := r.PostFormValue("t"), r.PostFormValue("email")
	v := h.visitor(w, r)
	ticket, err := h.Signup.Again(r.Context(), token, email, v)
	switch {
	case err == nil:
		return to(w, r, "/register/sent/"+ticket)
	case dead(err) != "":
		return to(w, r, "/register/confirm", "t", token)
	case !keepsForm(err):
		return err
	}
	done, look := h.Signup.Look(r.Context(), token, v.Browser)
	state := dead(look)
	if state == "" {
		return to(w, r, "/register/confirm", "t", token)
	}
	return h.showDead(w, r, deadPage{Token: token, State: state, Done: done, Email: email}, err)
}
