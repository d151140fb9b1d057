package provider

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/session"
	"eulogin.example/idp/internal/signing"
	"eulogin.example/idp/internal/web/farewell"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

// leaving is a checked request to sign out.
type leaving struct {
	Client string // who asks, "" when nobody is known
	Name   string
	To     string // registered address to go to, with state; "" = our own page
	SID    string // the session that the hint names, as the client knows it
	client *client.Client
}

// endSession is RP-initiated logout. With a hint for the living session it ends at once;
// without, the person is asked first, so that no other site can sign anybody out (D24). An
// address to go to must be registered for the client (security case 14).
func (s *server) endSession(w http.ResponseWriter, r *http.Request) error {
	l, err := s.leaving(r.Context(), r.Form)
	if err != nil {
		return err
	}
	sess, living, err := s.Browser.Session(r)
	if err != nil {
		return unavailable(err)
	}
	if living && !s.hints(l, sess) {
		return s.ask(w, r, l, sess)
	}
	if living {
		if err := s.end(w, r, sess); err != nil {
			return unavailable(err)
		}
	}
	return s.Farewell.Show(w, r, sess, l.To)
}

// hints reports whether the hint of a request names this session.
func (s *server) hints(l leaving, sess session.Session) bool {
	return l.SID != "" && l.client != nil && l.SID == s.Subjects.Session(l.client, sess.ID)
}

// leaving checks the parameters. A hint of any age counts, as long as we signed it (D25). One by a key
// that was withdrawn counts as none: the person is asked, and signs out all the same.
func (s *server) leaving(ctx context.Context, q url.Values) (leaving, error) {
	l := leaving{Client: q.Get("client_id")}
	if hint := q.Get("id_token_hint"); hint != "" {
		var c idToken
		err := s.Ring.Verify(hint, idTokenType, &c)
		switch {
		case errors.Is(err, signing.ErrWithdrawn):
			if l.Client == "" {
				return l, nil
			}
		case err != nil || c.Issuer != s.Issuer || (l.Client != "" && l.Client != c.Audience):
			return l, errMalformed.Because(err)
		default:
			l.Client, l.SID = c.Audience, c.SID
		}
	}
	to := q.Get("post_logout_redirect_uri")
	if l.Client == "" {
		if to != "" {
			return l, errRedirect // nobody is named who could have registered it
		}
		return l, nil
	}
	c, err := s.Clients.Known(ctx, l.Client)
	if err != nil {
		return l, errClient.Because(err)
	}
	l.Name, l.client = c.Name, c
	if to == "" {
		return l, nil
	}
	if _, err := s.Clients.ByID(ctx, l.Client); err != nil {
		return l, noClient(err) // nobody is sent to a service that is switched off
	}
	if !c.AfterLogout(to) || len(q.Get("state")) > stateLimit {
		return l, errRedirect
	}
	l.To = withQuery(to, url.Values{"state": {q.Get("state")}})
	return l, nil
}

// end ends the session and removes its cookie.
func (s *server) end(w http.ResponseWriter, r *http.Request, sess session.Session) error {
	err := s.Ender.EndSession(r.Context(), sess, "signed_out")
	if err != nil && fault.KindOf(err) != fault.Unauthenticated {
		return err
	}
	s.Browser.Forget(w)
	return nil
}

// confirmation is the data of the page that asks before signing out.
type confirmation struct {
	Service string // that asks, or ""
	farewell.Services
	ClientID, Return, State string
}

// ask shows the question instead of signing out.
func (s *server) ask(w http.ResponseWriter, r *http.Request, l leaving, sess session.Session) error {
	c := confirmation{
		Service: l.Name, Services: s.Farewell.Services(r.Context(), sess),
		ClientID: l.Client, Return: r.Form.Get("post_logout_redirect_uri"), State: r.Form.Get("state"),
	}
	if l.To != "" {
		r = r.WithContext(page.AllowFormTo(r.Context(), l.To))
	}
	return s.Site.Render(w, r, http.StatusOK, "oidc/signout", c)
}

// confirmSignOut is the person's yes.
func (s *server) confirmSignOut(w http.ResponseWriter, r *http.Request) error {
	l, err := s.leaving(r.Context(), r.PostForm)
	if err != nil {
		l.To = "" // the address was taken off the list since; signing out matters more
	}
	sess, living, err := s.Browser.Session(r)
	if err != nil {
		return unavailable(err)
	}
	if living {
		if err := s.end(w, r, sess); err != nil {
			return unavailable(err)
		}
	}
	return s.Farewell.Show(w, r, sess, l.To)
}
