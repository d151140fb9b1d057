package provider

import (
	"context"
	"net/http"
	"net/url"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/session"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

// leaving is a checked request to sign out.
type leaving struct {
	Client string // who asks, "" when nobody is known
	Name   string
	To     string // registered address to go to, with state; "" = our own page
	SID    string // the session that the hint names
}

// EndSession is RP-initiated logout. With a hint for the living session it ends at once;
// without, the person is asked first, so that no other site can sign anybody out (D24). An
// address to go to must be registered for the client (security case 14).
func (s *server) EndSession(ctx context.Context, r *op.Request[oidc.EndSessionRequest]) (*op.Redirect, error) {
	x := exchange(ctx)
	l, err := s.leaving(ctx, r.Form)
	if err != nil {
		return nil, err
	}
	sess, living, err := s.Browser.Session(x.r)
	if err != nil {
		return nil, s.outage(ctx, err)
	}
	if living && l.SID != sess.ID {
		q := url.Values{"client_id": {l.Client}, "post_logout_redirect_uri": {r.Form.Get("post_logout_redirect_uri")}, "state": {r.Form.Get("state")}}
		return nil, s.ask(ctx, l, q)
	}
	if living {
		if err := s.end(ctx, x, sess); err != nil {
			return nil, s.outage(ctx, err)
		}
	}
	if l.To == "" {
		l.To = "/signed-out"
	}
	return op.NewRedirect(l.To), nil
}

// leaving checks the parameters. A hint of any age counts, as long as we signed it (D25).
func (s *server) leaving(ctx context.Context, q url.Values) (leaving, error) {
	l := leaving{Client: q.Get("client_id")}
	if hint := q.Get("id_token_hint"); hint != "" {
		var c idToken
		if err := s.Ring.Verify(hint, "JWT", &c); err != nil || c.Issuer != s.Issuer || (l.Client != "" && l.Client != c.Audience) {
			return l, oidc.ErrInvalidRequest().WithDescription("id_token_hint")
		}
		l.Client, l.SID = c.Audience, c.SID
	}
	to := q.Get("post_logout_redirect_uri")
	if l.Client == "" {
		if to != "" {
			return l, oidc.ErrInvalidRequest().WithDescription("post_logout_redirect_uri needs id_token_hint or client_id")
		}
		return l, nil
	}
	c, err := s.Clients.ByID(ctx, l.Client)
	if err != nil {
		return l, s.refused(ctx, err, oidc.ErrInvalidRequest().WithDescription("%s", fault.CodeOf(errClient)))
	}
	l.Name = c.Name
	if to == "" {
		return l, nil
	}
	if !c.AfterLogout(to) {
		return l, oidc.ErrInvalidRequest().WithDescription("%s", fault.CodeOf(errRedirect))
	}
	l.To = withQuery(to, url.Values{"state": {q.Get("state")}})
	return l, nil
}

// end ends the session and removes its cookie.
func (s *server) end(ctx context.Context, x *request, sess session.Session) error {
	err := s.Ender.EndSession(ctx, sess, "signed_out")
	if err != nil && fault.KindOf(err) != fault.Unauthenticated {
		return err
	}
	s.Browser.Forget(x.w)
	return nil
}

// confirmation is the data of the page that asks before signing out.
type confirmation struct {
	Service                 string
	Services                []string
	ClientID, Return, State string
}

// ask shows the question instead of a redirect.
func (s *server) ask(ctx context.Context, l leaving, q url.Values) error {
	x := exchange(ctx)
	sess, _, err := s.Browser.Session(x.r)
	if err != nil {
		return s.outage(ctx, err)
	}
	c := confirmation{Service: l.Name, ClientID: l.Client, Return: q.Get("post_logout_redirect_uri"), State: q.Get("state")}
	for _, id := range sess.Clients {
		if known, err := s.Clients.ByID(ctx, id); err == nil {
			c.Services = append(c.Services, known.Name)
		}
	}
	r := x.r
	if l.To != "" {
		r = r.WithContext(page.AllowFormTo(r.Context(), l.To))
	}
	x.page = func(w http.ResponseWriter) {
		if err := s.Site.Render(w, r, http.StatusOK, "oidc/signout", c); err != nil {
			s.Site.Fail(w, r, err)
		}
	}
	return oidc.ErrInteractionRequired()
}

// confirmSignOut is the person's yes.
func (s *server) confirmSignOut(w http.ResponseWriter, r *http.Request) error {
	x := &request{w: w, r: r}
	sess, living, err := s.Browser.Session(r)
	if err != nil {
		return err
	}
	if living {
		if err := s.end(r.Context(), x, sess); err != nil {
			return err
		}
	}
	l, err := s.leaving(context.WithValue(r.Context(), requestKey{}, x), url.Values{
		"client_id": {r.PostForm.Get("client_id")}, "post_logout_redirect_uri": {r.PostForm.Get("post_logout_redirect_uri")}, "state": {r.PostForm.Get("state")},
	})
	to := "/signed-out"
	if err == nil && l.To != "" {
		to = l.To
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// LogoutToken makes the token that tells a client of an ended session (Back-Channel Logout
// 1.0 §2.4).
func LogoutToken(c Config, cl *client.Client, sub, sid, id string) (string, error) {
	now := c.Now()
	return c.Ring.Sign("logout+jwt", map[string]any{
		"iss": c.Issuer, "sub": sub, "aud": cl.ID, "iat": now.Unix(), "exp": now.Unix() + 120, "jti": id, "sid": sid,
		"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}},
	})
}
