package devices

import (
	"errors"
	"net/http"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

type addPage struct {
	Name    string
	Numbers []page.Option // nil when no number is registered
	Flow    string
	Errors  map[string]fault.Message
}

func (h *Handler) add(w http.ResponseWriter, r *http.Request, id account.ID) error {
	return h.showAdd(w, r, id, http.StatusOK, addPage{})
}

// begin takes name and PIN and leads to the page with the QR code.
func (h *Handler) begin(w http.ResponseWriter, r *http.Request, id account.ID) error {
	number, err := h.number(r, id)
	if err != nil {
		return err
	}
	name := r.PostFormValue("name")
	e, secret, err := h.Phone.Begin(r.Context(), id, phone.NewDevice{
		Name: name, Number: number, PIN: r.PostFormValue("pin"), Again: r.PostFormValue("pin_again"),
	})
	if errors.Is(err, phone.ErrForm) {
		return h.showAdd(w, r, id, fault.HTTPStatus(err), addPage{Name: name, Errors: fault.As(err).Fields})
	}
	if err != nil {
		return err
	}
	h.keepSecret(w, e.ID, secret)
	return browser.To(w, r, browser.WithFlow("/account/devices/"+e.ID+"/qr", browser.FlowOf(r)))
}

func (h *Handler) showAdd(w http.ResponseWriter, r *http.Request, id account.ID, status int, p addPage) error {
	numbers, err := h.Numbers.Numbers(r.Context(), id)
	if err != nil {
		return err
	}
	p.Flow = browser.FlowOf(r)
	lang := h.Site.Lang(r)
	if len(numbers) > 0 {
		p.Numbers = []page.Option{{Value: "", Label: h.Site.T(lang, "devices.add.no_number")}}
	}
	chosen := r.PostFormValue("number")
	for i, n := range numbers {
		selected := chosen == n.ID || r.Method == http.MethodGet && i == 0 // the guide: best the registered one
		p.Numbers = append(p.Numbers, page.Option{Value: n.ID, Label: n.Number.Masked(), Selected: selected})
	}
	return h.Site.Render(w, r, status, "devices/add", p)
}

// number turns the chosen entry into the number; one that is not the account's is none.
func (h *Handler) number(r *http.Request, id account.ID) (string, error) {
	chosen := r.PostFormValue("number")
	if chosen == "" {
		return "", nil
	}
	numbers, err := h.Numbers.Numbers(r.Context(), id)
	for _, n := range numbers {
		if n.ID == chosen {
			return string(n.Number), err
		}
	}
	return "", err
}
