package request

import (
	"net/http"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/web/guard"
	"eulogin.example/cpms/internal/web/show"
	"eulogin.example/proto/kit/fault"
)

// remark takes what the requester writes to the desk.
func (p *Pages) remark(w http.ResponseWriter, r *http.Request) error {
	t := show.Talk{RemarkID: r.PostFormValue("remark_id"), Text: r.PostFormValue("remark")}
	q, err := p.Access.Remark(r.Context(), guard.From(r.Context()).Person, r.PathValue("id"), t.RemarkID, t.Text)
	if fault.KindOf(err) == fault.Invalid && err != nil {
		return p.render1(w, r, http.StatusUnprocessableEntity, typedIn{talk: t}, err)
	}
	if err != nil {
		return err
	}
	return to(w, r, "/request/"+q.ID+"?notice=remark")
}

// conversation fills what happened, what was said, and the form for more.
func (p *Pages) conversation(r *http.Request, q access.Request, d *shown, typed show.Talk) error {
	events, err := p.Access.Store.Timeline(r.Context(), q.ID)
	if err != nil {
		return err
	}
	remarks, err := p.Access.Conversation(r.Context(), guard.From(r.Context()).Person, q)
	if err != nil {
		return err
	}
	d.Talk = typed
	d.Talk.RemarkID, d.Talk.Open = p.Access.NewRemarkID(), q.Talks(p.Access.Now())
	d.Timeline, err = show.Conversation(r.Context(), p.Access.Store, events, remarks)
	return err
}
