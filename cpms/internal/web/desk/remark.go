package desk

import (
	"net/http"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/web/guard"
	"eulogin.example/cpms/internal/web/show"
	"eulogin.example/proto/kit/fault"
)

// remark takes what somebody who may decide writes, to the requester or for the desk alone.
// Without two factors they sign in again first and come back to the request.
func (p *Pages) remark(w http.ResponseWriter, r *http.Request) error {
	v := guard.From(r.Context())
	q, _, err := p.Access.ForDesk(r.Context(), v.Person, r.PathValue("id"))
	if err != nil {
		return err
	}
	who, err := p.People.PersonByID(r.Context(), q.PersonID)
	if err != nil {
		return err
	}
	private := r.PostFormValue("private") == "on"
	_, err = p.Access.RemarkAtDesk(r.Context(), v.Person, who, q.ID, r.PostFormValue("remark_id"), r.PostFormValue("remark"), private, v.Strength(), v.Session.ACR)
	switch {
	case err == nil:
		http.Redirect(w, r, "/desk/"+q.ID+"?notice=remark", http.StatusSeeOther)
		return nil
	case fault.CodeOf(err) == access.ErrLevel.Code:
		return p.Guard.StepUp(w, r, "/desk/"+q.ID)
	case fault.KindOf(err) == fault.Invalid:
		return p.render(w, r, http.StatusUnprocessableEntity, access.Decision{}, "", err)
	}
	return err
}

// talk is the conversation about a request as the desk shows it.
type talk struct {
	show.Talk
	Lines         []show.Line
	Written, Over bool
}

// conversation joins what happened and what was said, with the form for more, which keeps what
// was typed.
func (p *Pages) conversation(r *http.Request, q file) (t talk, err error) {
	remarks, confided, err := p.Access.DeskConversation(r.Context(), guard.From(r.Context()).Person, q.Request)
	if err != nil {
		return t, err
	}
	t.Text, t.Private = r.PostFormValue("remark"), r.PostFormValue("private") == "on"
	t.RemarkID, t.Over = p.Access.NewRemarkID(), !q.Talks(p.Now())
	t.Open = confided && !t.Over
	t.Written = r.URL.Query().Get("notice") == "remark"
	t.Lines, err = show.Conversation(r.Context(), p.People, q.events, remarks)
	return t, err
}
