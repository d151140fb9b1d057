package provider

import (
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/zitadel/oidc/v3/pkg/op"

	"eulogin.example/proto/kit/fault"
)

// callback ends a sign-in: the browser that went through it, and only once, gets the code or
// the error (D4, D5). The policy is held against the proofs again at this moment.
func (s *server) callback(w http.ResponseWriter, r *http.Request) {
	outcome, err := s.Login.Outcome(r.Context(), r.URL.Query().Get("id"), s.Browser.Binding(w, r))
	if err != nil {
		s.Site.Fail(w, r, err)
		return
	}
	var ask asked
	if err := json.Unmarshal(outcome.Request.Opaque, &ask); err != nil {
		s.Site.Fail(w, r, fault.New(fault.Gone, "login.flow_unknown").Because(err))
		return
	}
	to := withQuery(ask.RedirectURI, url.Values{"error": {outcome.Refused}, "state": {ask.State}, "iss": {s.Issuer}})
	if outcome.Refused == "" {
		if to, err = s.answer(r.Context(), ask, outcome.Session, outcome.Decision); err != nil {
			op.WriteError(w, r, err, nil)
			return
		}
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}
