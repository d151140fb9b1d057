package join

import (
	"net/http"

	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/web/newpassword"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

func (h *Handler) choose(w http.ResponseWriter, r *http.Request) error {
	return h.showChoose(w, r, http.StatusOK, nil)
}

func (h *Handler) submit(w http.ResponseWriter, r *http.Request) error {
	_, plain, confirm := newpassword.Typed(r)
	done, err := h.Signup.Finish(r.Context(), r.PathValue("ticket"), h.Browser.Binding(w, r), plain, confirm)
	if e := fault.As(err); e != nil && len(e.Fields) > 0 {
		return h.showChoose(w, r, fault.HTTPStatus(err), e)
	}
	if err != nil {
		return err
	}
	next, err := h.Browser.Establish(w, r, done.Account, policy.Proof{Method: policy.Password, At: done.At}, done.Flow)
	if err != nil {
		return err
	}
	return to(w, r, "/register/done", "to", next)
}

func (h *Handler) showChoose(w http.ResponseWriter, r *http.Request, status int, fail *fault.Error) error {
	ticket := r.PathValue("ticket")
	c, err := h.Signup.Choosing(r.Context(), ticket, h.Browser.Binding(w, r))
	if err != nil {
		return err
	}
	v := newpassword.View{
		Title: "join.password.title", Intro: "join.password.intro",
		Action: "/password/new/" + ticket, User: c.Email,
	}
	if fail != nil {
		v.Errors = fail.Fields
	}
	return h.Site.Render(w, r, status, newpassword.Template, newpassword.Fill(v, h.Passwords))
}

type donePage struct{ Next string }

// done says that the person is signed in and leads on. It is a page with a link, because a
// browser would hold a redirect to the service against this site's form-action.
func (h *Handler) done(w http.ResponseWriter, r *http.Request) error {
	next := page.LocalPath(r.URL.Query().Get("to"))
	if next == "/" {
		next = "/account"
	}
	return h.Site.Render(w, r, http.StatusOK, "join/done", donePage{Next: next})
}
