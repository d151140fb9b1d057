package desk

import (
	"net/http"
	"strconv"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/web/guard"
	"eulogin.example/proto/kit/fault"
)

// decide takes the decision; when the sign-in is not fresh enough the coordinator steps up
// and comes back to the show.
func (p *Pages) decide(w http.ResponseWriter, r *http.Request) error {
	v := guard.From(r.Context())
	d := access.Decision{Do: access.Command(r.PostFormValue("decision")), Text: r.PostFormValue("text")}
	version, _ := strconv.ParseInt(r.PostFormValue("version"), 10, 64)
	q, _, err := p.Access.ForDesk(r.Context(), v.Person, r.PathValue("id"))
	if err != nil {
		return err
	}
	who, err := p.People.PersonByID(r.Context(), q.PersonID)
	if err != nil {
		return err
	}
	done, err := p.Access.Decide(r.Context(), v.Person, who, q.ID, version, d, v.Strength(), v.Session.ACR)
	switch {
	case err == nil:
		notice := string(done.State)
		if first, err := p.Access.First(r.Context(), done); err != nil || first != nil {
			notice = "first" // whatever the store says now, the decision stands
		}
		http.Redirect(w, r, "/desk?notice="+notice, http.StatusSeeOther)
		return nil
	case fault.CodeOf(err) == access.ErrLevel.Code:
		return p.Guard.StepUp(w, r, "/desk/"+q.ID)
	case fault.KindOf(err) == fault.Invalid:
		return p.render(w, r, http.StatusUnprocessableEntity, d, "", err)
	}
	return err
}
