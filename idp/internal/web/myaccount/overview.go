package myaccount

import (
	"net/http"

	"eulogin.example/idp/internal/manage"
)

type overviewPage struct {
	manage.Overview
	Notice string // key of what was just done, or ""
}

// notices are the keys of what the overview may be asked to say; anything else is ignored.
var notices = map[string]string{"password": "myaccount.done.password", "details": "myaccount.done.details", "preferences": "myaccount.done.preferences"}

func (h *Handler) overview(w http.ResponseWriter, r *http.Request, p manage.Person) error {
	o, err := h.Manage.Overview(r.Context(), p.Account)
	if err != nil {
		return err
	}
	return h.Site.Render(w, r, http.StatusOK, "myaccount/overview",
		overviewPage{Overview: o, Notice: notices[r.URL.Query().Get("done")]})
}
