package myaccount

import (
	"net/http"
	"time"

	"eulogin.example/idp/internal/factor/sms"
	"eulogin.example/idp/internal/manage"

	"eulogin.example/idp/internal/web/browser"
)

type number struct {
	ID, Masked string
	AddedAt    time.Time
	SignIn     bool // it is a verification method
}

type numbersPage struct {
	Numbers []number
	Max     int
	Full    bool
	Notice  string
	SignIn  bool // the numbers are a verification method
}

// numberNotices are the keys of what the list may be asked to say.
var numberNotices = map[string]string{"added": "myaccount.done.number_added", "deleted": "myaccount.done.number_deleted"}

func (h *Handler) numbers(w http.ResponseWriter, r *http.Request, p manage.Person) error {
	have, err := h.Manage.Numbers(r.Context(), p.Account)
	if err != nil {
		return err
	}
	page := numbersPage{SignIn: h.SMS, Max: sms.MaxNumbers, Full: len(have) >= sms.MaxNumbers, Notice: numberNotices[r.URL.Query().Get("done")]}
	for _, n := range have {
		page.Numbers = append(page.Numbers, number{ID: n.ID, Masked: n.Number.Masked(), AddedAt: n.AddedAt, SignIn: h.SMS})
	}
	return h.Site.Render(w, r, http.StatusOK, "myaccount/numbers", page)
}

func (h *Handler) askDelete(w http.ResponseWriter, r *http.Request, p manage.Person) error {
	n, err := h.Manage.Number(r.Context(), p.Account, r.PathValue("id"))
	if err != nil {
		return err
	}
	return h.Site.Render(w, r, http.StatusOK, "myaccount/number-delete",
		number{ID: n.ID, Masked: n.Number.Masked(), AddedAt: n.AddedAt, SignIn: h.SMS})
}

func (h *Handler) deleteNumber(w http.ResponseWriter, r *http.Request, p manage.Person) error {
	err := h.Manage.RemoveNumber(r.Context(), p.Account, r.PathValue("id"), h.Browser.Bares(r))
	if err != nil {
		return err
	}
	return browser.To(w, r, "/account/numbers?done=deleted")
}
