// Package guard knows the cookies of cpms and who is behind a request. It leads to idp when
// nobody is signed in, or not strongly or freshly enough, and brings the person back.
package guard

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/ident"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/session"
	"eulogin.example/cpms/internal/signin"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

// Guard is shared by all pages.
type Guard struct {
	Site     *page.Site
	SignIn   *signin.Service
	Sessions *session.Service
	People   *person.Service
	Secure   bool
	Issuer   string
	Random   io.Reader
	Now      func() time.Time
	// Lift ends the suspension of grants after a sign-in with two factors.
	Lift func(ctx context.Context, at time.Time, personID string) error
}

// Visitor is who is signed in.
type Visitor struct {
	Person  person.Person
	Session session.Session
}

// Strength gives how the visitor is signed in, for the rules.
func (v Visitor) Strength() access.Strength {
	return access.Strength{Medium: signin.Reaches(v.Session.ACR, signin.ACRMedium), AuthTime: v.Session.AuthTime, Methods: v.Session.AMR}
}

type key struct{}

// From gives the visitor that Require put into the context.
func From(ctx context.Context) Visitor {
	v, _ := ctx.Value(key{}).(Visitor)
	return v
}

// With puts a visitor into a context, for pages that are public and personal at once.
func With(ctx context.Context, v Visitor) context.Context {
	return page.WithPerson(context.WithValue(ctx, key{}, v), page.Person{Name: v.Person.Name()})
}

// Handler is a page handler that returns its error.
type Handler = func(http.ResponseWriter, *http.Request) error

func (g *Guard) name(short string) string {
	if g.Secure {
		return "__Host-cpms_" + short
	}
	return "cpms_" + short
}

func (g *Guard) set(w http.ResponseWriter, short, value string, age int) {
	http.SetCookie(w, &http.Cookie{Name: g.name(short), Value: value, Path: "/", HttpOnly: true, Secure: g.Secure, SameSite: http.SameSiteLaxMode, MaxAge: age})
}

func (g *Guard) cookie(r *http.Request, short string) string {
	c, err := r.Cookie(g.name(short))
	if err != nil || len(c.Value) > 100 {
		return ""
	}
	return c.Value
}

// binding gives the digest that sign-ins of this browser are bound to.
func (g *Guard) binding(w http.ResponseWriter, r *http.Request) string {
	v := g.cookie(r, "browser")
	if len(v) != 43 {
		v = ident.NewToken(g.Random)
		g.set(w, "browser", v, 0)
	}
	return ident.Digest(v)
}

// Visitor gives who is signed in; false when nobody is.
func (g *Guard) Visitor(r *http.Request) (Visitor, bool, error) {
	sess, err := g.Sessions.ByToken(r.Context(), g.cookie(r, "session"))
	if fault.KindOf(err) == fault.Unauthenticated {
		return Visitor{}, false, nil
	}
	if err != nil {
		return Visitor{}, false, err
	}
	p, err := g.People.Get(r.Context(), sess.Issuer, sess.Subject)
	if k := fault.KindOf(err); k == fault.Denied || k == fault.NotFound {
		return Visitor{}, false, nil
	}
	return Visitor{p, sess}, err == nil, err
}

// Require leads to the sign-in unless somebody is signed in; the visitor is in the context.
func (g *Guard) Require(h Handler) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, ok, err := g.Visitor(r)
		if err != nil {
			return err
		}
		if !ok {
			return g.Ask(w, r, signin.SignedIn(), back(r))
		}
		return h(w, r.WithContext(With(r.Context(), v)))
	}
}

// back is the page that a person comes back to: after a form, the page of the form.
func back(r *http.Request) string {
	if r.Method == http.MethodGet {
		return r.URL.RequestURI()
	}
	return r.URL.Path
}

// Ask sends the browser to idp.
func (g *Guard) Ask(w http.ResponseWriter, r *http.Request, need signin.Need, to string) error {
	ask := signin.Ask{Need: need, ReturnTo: to, Browser: g.binding(w, r), Locale: g.Site.Lang(r)}
	if v, ok, err := g.Visitor(r); err == nil && ok {
		ask.Hint = v.Person.Email
	}
	address, err := g.SignIn.Start(r.Context(), ask)
	if err != nil {
		return err
	}
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

// StepUp asks idp for two factors, both shown within the last 15 minutes.
func (g *Guard) StepUp(w http.ResponseWriter, r *http.Request, to string) error {
	return g.Ask(w, r, signin.Medium(access.Fresh), to)
}

// Mount adds the routes of sign-in and sign-out.
func (g *Guard) Mount(mux *http.ServeMux) {
	mux.Handle("GET /signin", g.Site.Handle(func(w http.ResponseWriter, r *http.Request) error {
		return g.Ask(w, r, signin.SignedIn(), r.URL.Query().Get("to"))
	}))
	mux.Handle("GET /stepup", g.Site.Handle(func(w http.ResponseWriter, r *http.Request) error {
		return g.StepUp(w, r, r.URL.Query().Get("to"))
	}))
	mux.Handle("GET "+signin.CallbackPath, g.Site.Handle(g.callback))
	mux.Handle("POST /signout", g.Site.Handle(g.signOut))
	mux.Handle("POST "+signin.BackchannelLogoutPath, http.HandlerFunc(g.backchannel))
}

// callback ends a sign-in: the answer is checked, the person's record refreshed, and the
// session's cookie changes.
func (g *Guard) callback(w http.ResponseWriter, r *http.Request) error {
	login, err := g.SignIn.Finish(r.Context(), r.URL.Query(), g.binding(w, r))
	if fault.CodeOf(err) == signin.ErrCanceled.Code {
		http.Redirect(w, r, "/screen/home?notice=canceled", http.StatusSeeOther)
		return nil
	}
	if err != nil {
		return err
	}
	c := login.Claims
	assurance, _ := c.Claims["https://eulogin.example/claims/assurance_level"].(float64)
	p, err := g.People.Ensure(r.Context(), person.Claims{
		Issuer: c.Issuer, Subject: c.Subject, GivenName: c.GivenName, FamilyName: c.FamilyName, Email: c.Email, Locale: locale(c.Locale.String()), Assurance: int(assurance),
	})
	if err != nil {
		return err
	}
	sess := session.Session{Issuer: c.Issuer, Subject: c.Subject, SID: c.SessionID, ACR: c.AuthenticationContextClassReference, AMR: c.AuthenticationMethodsReferences, AuthTime: c.AuthTime.AsTime(), IDToken: login.IDToken}
	token, err := g.Sessions.Start(r.Context(), sess, g.cookie(r, "session"))
	if err != nil {
		return err
	}
	if signin.Reaches(sess.ACR, signin.ACRMedium) {
		if err := g.Lift(r.Context(), g.Now(), p.ID); err != nil {
			return err
		}
	}
	g.set(w, "session", token, 0)
	http.Redirect(w, r, login.ReturnTo, http.StatusSeeOther)
	return nil
}

// locale keeps only what mails exist in.
func locale(tag string) string {
	for _, l := range []string{"en", "fr", "de"} {
		if tag == l {
			return l
		}
	}
	return "en"
}

// signOut ends the session here and goes on to end it at idp.
func (g *Guard) signOut(w http.ResponseWriter, r *http.Request) error {
	token := g.cookie(r, "session")
	sess, err := g.Sessions.ByToken(r.Context(), token)
	to := "/screen/home?" + url.Values{"notice": {"signedout"}}.Encode()
	if err == nil {
		if err := g.Sessions.End(r.Context(), token); err != nil {
			return err
		}
		if there, err := g.SignIn.SignOutURL(r.Context(), sess.IDToken, g.Site.Lang(r)); err == nil {
			to = there
		}
	} else if fault.KindOf(err) != fault.Unauthenticated {
		return err
	}
	g.set(w, "session", "", -1)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// backchannel takes idp's word that a session has ended (Back-Channel Logout 1.0 §2.8).
func (g *Guard) backchannel(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	l, err := g.SignIn.ReadLogoutToken(r.Context(), r.PostFormValue("logout_token"))
	if err == nil {
		if l.SessionID != "" {
			err = g.Sessions.EndBySID(r.Context(), g.Issuer, l.SessionID)
		} else {
			err = g.Sessions.EndBySubject(r.Context(), g.Issuer, l.Subject)
		}
	}
	switch {
	case err == nil:
		w.WriteHeader(http.StatusOK)
	case fault.KindOf(err) == fault.Denied:
		w.WriteHeader(http.StatusBadRequest)
	default:
		w.Header().Set("Retry-After", "5")
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}
