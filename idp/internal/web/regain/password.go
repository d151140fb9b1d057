package regain

import (
	"errors"
	"net/http"
	"net/url"

	"eulogin.example/idp/internal/recover"
	"eulogin.example/idp/internal/web/newpassword"
	"eulogin.example/proto/kit/fault"
)

func (h *Handler) choose(w http.ResponseWriter, r *http.Request) error {
	return h.showChoose(w, r, http.StatusOK, nil)
}

func (h *Handler) submit(w http.ResponseWriter, r *http.Request) error {
	ticket := r.PathValue("ticket")
	_, plain, confirm := newpassword.Typed(r)
	flow, err := h.Recover.Finish(r.Context(), ticket, h.Browser.Binding(w, r), plain, confirm)
	if errors.Is(err, recover.ErrFactorNeeded) {
		return to(w, r, "/password/change/"+ticket) // its page asks for the factor
	}
	if e := fault.As(err); e != nil && len(e.Fields) > 0 {
		return h.showChoose(w, r, fault.HTTPStatus(err), e)
	}
	if err != nil {
		return err
	}
	return to(w, r, "/password/changed", "flow", flow)
}

type factorPage struct{ Ticket, Email string }

// showChoose shows the page for the new password, or first the one that asks for the
// second factor.
func (h *Handler) showChoose(w http.ResponseWriter, r *http.Request, status int, fail *fault.Error) error {
	ticket := r.PathValue("ticket")
	c, err := h.Recover.Choosing(r.Context(), ticket, h.Browser.Binding(w, r))
	if err != nil {
		return err
	}
	if c.NeedFactor {
		return h.Site.Render(w, r, http.StatusOK, "regain/factor", factorPage{Ticket: ticket, Email: c.Email})
	}
	v := newpassword.View{
		Title: "regain.password.title", Intro: "regain.password.intro",
		Action: "/password/change/" + ticket, User: c.Email,
	}
	if fail != nil {
		v.Errors = fail.Fields
	}
	return h.Site.Render(w, r, status, newpassword.Template, newpassword.Fill(v, h.Passwords))
}

// factor starts the proof of the second factor.
func (h *Handler) factor(w http.ResponseWriter, r *http.Request) error {
	ticket := r.PathValue("ticket")
	next, err := h.Recover.ProveFactor(r.Context(), ticket, h.Browser.Binding(w, r), "/password/factor/"+ticket)
	if err != nil {
		return err
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

// factorProved is where the sign-in machine comes back to. The use case notes the proof in
// the ticket; a page that is loaded again finds it noted and goes on.
func (h *Handler) factorProved(w http.ResponseWriter, r *http.Request) error {
	ticket, browser := r.PathValue("ticket"), h.Browser.Binding(w, r)
	c, err := h.Recover.Choosing(r.Context(), ticket, browser)
	if err != nil {
		return err
	}
	if c.NeedFactor {
		err = h.Recover.FactorProved(r.Context(), ticket, browser, r.URL.Query().Get("id"))
		if err != nil {
			return err
		}
	}
	return to(w, r, "/password/change/"+ticket)
}

type donePage struct{ Next string }

func (h *Handler) done(w http.ResponseWriter, r *http.Request) error {
	p := donePage{Next: "/account"}
	if flow := r.URL.Query().Get("flow"); flow != "" {
		p.Next = "/login?" + url.Values{"flow": {flow}}.Encode()
	}
	return h.Site.Render(w, r, http.StatusOK, "regain/done", p)
}
