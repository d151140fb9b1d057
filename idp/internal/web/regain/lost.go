package regain

import (
	"net/http"

	"eulogin.example/proto/kit/fault"
)

type lostPage struct {
	Email, Flow string
	Errors      map[string]fault.Message
	Wait        *wait
}

func (h *Handler) lost(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	return h.Site.Render(w, r, http.StatusOK, "regain/lost", lostPage{Email: q.Get("email"), Flow: q.Get("flow")})
}

// ask answers the same whether the address has an account or not.
func (h *Handler) ask(w http.ResponseWriter, r *http.Request) error {
	p := lostPage{Email: r.PostFormValue("email"), Flow: r.PostFormValue("flow")}
	err := h.Recover.Ask(r.Context(), p.Email, p.Flow, h.visitor(w, r))
	if keepsForm(err) {
		p.Errors, p.Wait = onForm(w, err)
		return h.Site.Render(w, r, fault.HTTPStatus(err), "regain/lost", p)
	}
	if err != nil {
		return err
	}
	return to(w, r, "/password/lost/sent")
}

func (h *Handler) sent(w http.ResponseWriter, r *http.Request) error {
	return h.Site.Render(w, r, http.StatusOK, "regain/sent", nil)
}
