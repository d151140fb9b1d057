package signin

import (
	"encoding/json"
	"net/http"

	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	"eulogin.example/proto/kit/fault"
)

// wait tells the waiting page's script whether it can go on. It changes nothing that
// GET /login would not change.
func (p *Pages) wait(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Login.Look(r.Context(), r.URL.Query().Get("flow"), p.Browser.Binding(w, r))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	return json.NewEncoder(w).Encode(map[string]bool{"waiting": v.Step == login.Challenge || v.Step == login.DirectStep})
}

// passkey tells the script of the page for the address what to ask the browser, so that the
// field can offer passkeys. It names nobody's.
func (p *Pages) passkey(w http.ResponseWriter, r *http.Request) error {
	_, pending, err := p.Login.Offer(r.Context(), r.PostFormValue("flow"), p.Browser.Binding(w, r), policy.SecurityKey, p.Browser.Meta(r))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	return json.NewEncoder(w).Encode(map[string]string{"options": pending.Show["options"]})
}

// signOut ends the session of this browser and tells the services that it signed in to.
func (p *Pages) signOut(w http.ResponseWriter, r *http.Request) error {
	sess, ok, err := p.Browser.Session(r)
	if err != nil {
		return err
	}
	if ok {
		if err := p.End(r, sess); err != nil {
			return err
		}
	}
	p.Browser.Forget(w)
	return p.Farewell.Show(w, r, sess, "")
}

// End ends one session; one that is gone already is no error.
func (p *Pages) End(r *http.Request, sess session.Session) error {
	err := p.Ender.EndSession(r.Context(), sess, "signed_out")
	if fault.KindOf(err) == fault.Unauthenticated {
		return nil
	}
	return err
}
