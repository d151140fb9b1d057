package desk

import (
	"net/http"
	"strconv"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/web/guard"
	"eulogin.example/cpms/internal/web/show"
	"eulogin.example/proto/kit/fault"
)

// given is the access that a request led to, on its page.
type given struct {
	StatusKey, Tag string
	Ends, Revoked  time.Time
	By, Reason     string // who took it back, and why
	CanRevoke      bool
	Typed          string // reason, when it was not good
}

// given reads the access that a request led to, or nil.
func (p *Pages) given(r *http.Request, q file, typed string) (*given, error) {
	g, err := p.Access.GrantFrom(r.Context(), q.Request)
	if err != nil || g == nil {
		return nil, err
	}
	now := p.Now()
	st := g.Status(now)
	_, can := access.NextGrant(st, access.Coordinator, access.Revoke)
	out := &given{StatusKey: "grant." + string(st), Tag: show.GrantTag(st), Ends: g.EndsAt, Revoked: g.RevokedAt, Reason: g.RevokedReason, CanRevoke: can, Typed: typed}
	if g.RevokedBy != "" {
		who, err := p.People.PersonByID(r.Context(), g.RevokedBy)
		if err != nil {
			return nil, err
		}
		out.By = who.Name()
	}
	return out, nil
}

// revoke takes back the access that a request led to; when the sign-in is not fresh enough the
// coordinator steps up and comes back to the request.
func (p *Pages) revoke(w http.ResponseWriter, r *http.Request) error {
	v, reason := guard.From(r.Context()), r.PostFormValue("reason")
	version, _ := strconv.ParseInt(r.PostFormValue("version"), 10, 64)
	err := p.Access.Revoke(r.Context(), v.Person, r.PathValue("id"), version, reason, v.Strength(), v.Session.ACR)
	switch {
	case err == nil:
		http.Redirect(w, r, "/desk?notice=revoked", http.StatusSeeOther)
		return nil
	case fault.CodeOf(err) == access.ErrLevel.Code:
		return p.Guard.StepUp(w, r, "/desk/"+r.PathValue("id"))
	case fault.KindOf(err) == fault.Invalid:
		return p.render(w, r, http.StatusUnprocessableEntity, access.Decision{}, reason, err)
	}
	return err
}
