package browser

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
	"eulogin.example/proto/kit/page"
)

// Browser gives pages the person behind a request.
type Browser struct {
	Secure   bool
	Random   io.Reader
	Now      func() time.Time
	KV       kv.Store
	Accounts account.Reader
	Sessions *session.Service
	Login    *login.Service
	Address  func(*http.Request) string // where a request comes from, behind trusted proxies
}

// Person is who is signed in, for pages.
type Person struct {
	Account account.Account
	Session session.Session
}

type key struct{}

// From gives the person that Require put into the context.
func From(ctx context.Context) Person {
	p, _ := ctx.Value(key{}).(Person)
	return p
}

// Session gives the living session of a request.
func (b *Browser) Session(r *http.Request) (session.Session, bool, error) {
	s, err := b.Sessions.ByToken(r.Context(), b.get(r, sessionCookie))
	if fault.KindOf(err) == fault.Unauthenticated {
		return session.Session{}, false, nil
	}
	return s, err == nil, err
}

// Handler is a page handler that returns its error.
type Handler = func(http.ResponseWriter, *http.Request) error

// Require leads to the sign-in unless the session satisfies the requirement; afterwards the
// person is in the context. A person who always wants two factors raises it.
func (b *Browser) Require(req policy.Requirement, h Handler) Handler {
	return b.RequireBy(func(context.Context, account.Account) (policy.Requirement, error) { return req, nil }, h)
}

// RequireBy is Require with a requirement that depends on the person, such as "with the
// second factor if there is one".
func (b *Browser) RequireBy(of func(context.Context, account.Account) (policy.Requirement, error), h Handler) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		sess, ok, err := b.Session(r)
		if err != nil {
			return err
		}
		req := policy.Anyone()
		req.Recovery = true // somebody who lost a factor comes in to replace it
		if ok {
			acc, err := b.Accounts.ByID(r.Context(), sess.Account)
			if err != nil && fault.KindOf(err) != fault.NotFound {
				return err
			}
			if ok = err == nil && acc.Usable(); ok {
				if req, err = of(r.Context(), acc); err != nil {
					return err
				}
				if acc.AlwaysMFA {
					req = req.Strengthen(policy.Medium)
				}
				if policy.Evaluate(sess.Proofs, req, b.Now()).Met {
					ctx := context.WithValue(r.Context(), key{}, Person{acc, sess})
					ctx = page.WithPerson(ctx, page.Person{Name: acc.Name()})
					return h(w, r.WithContext(ctx))
				}
			}
		}
		return b.ask(w, r, req, sess, ok)
	}
}

// ask begins a sign-in that comes back to this page.
func (b *Browser) ask(w http.ResponseWriter, r *http.Request, req policy.Requirement, sess session.Session, living bool) error {
	back := r.URL.RequestURI()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		back = r.URL.Path // the form has to be sent again; the page asks for it
	}
	ask := login.Request{Kind: login.KindAccount, ReturnURL: page.LocalPath(back), Requirement: req}
	var offer *session.Session
	if living {
		offer = &sess
	}
	id, err := b.Login.Begin(r.Context(), ask, b.Binding(w, r), offer)
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/login?flow="+id, http.StatusSeeOther)
	return nil
}

// Meta says what a request tells of its browser.
func (b *Browser) Meta(r *http.Request) session.Meta {
	return session.Meta{Browser: Describe(r.UserAgent()), Address: b.Address(r)}
}

// Try completes a password attempt with what the request tells. The cookie of a known
// browser counts only for accounts that signed in with it.
func (b *Browser) Try(r *http.Request, email, password string, m policy.Method) (login.Try, error) {
	t := login.Try{Password: password, Method: m, Meta: b.Meta(r)}
	knows, err := b.Knows(r, email)
	if knows {
		t.Known = b.Known(r)
	}
	return t, err
}

// Knows reports whether somebody signed in with this address in this browser before.
func (b *Browser) Knows(r *http.Request, email string) (bool, error) {
	known := b.Known(r)
	emailKey, err := ident.EmailKey(email)
	if known == "" || err != nil {
		return false, nil
	}
	_, err = b.KV.Get(r.Context(), knownKey(known, emailKey))
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return false, nil
	}
	return err == nil, err
}

// Finish makes the session of a flow that is done, sets its cookie, and gives where the
// browser goes.
func (b *Browser) Finish(w http.ResponseWriter, r *http.Request, flowID string) (string, error) {
	v, err := b.Login.Look(r.Context(), flowID, b.Binding(w, r))
	if err != nil {
		return "", err
	}
	meta := b.Meta(r)
	knows, err := b.Knows(r, v.Flow.Email)
	if err != nil {
		return "", err
	}
	meta.New = !knows
	done, err := b.Login.Finish(r.Context(), flowID, b.Binding(w, r), b.get(r, sessionCookie), meta)
	if err != nil {
		return "", err
	}
	if done.Token != "" {
		b.set(w, sessionCookie, done.Token, 0)
		if err := b.remember(w, r, done.Flow.Email); err != nil {
			return "", err
		}
	}
	return done.Flow.Return(), nil
}

// Enrol signs a person in on the way to adding a first second factor.
func (b *Browser) Enrol(w http.ResponseWriter, r *http.Request, flowID, binding string) error {
	done, err := b.Login.Enrol(r.Context(), flowID, binding, b.get(r, sessionCookie), b.Meta(r))
	if err != nil || done.Token == "" {
		return err
	}
	b.set(w, sessionCookie, done.Token, 0)
	return nil
}

// familiar makes the browser in which an account was made known for it at once, so that its
// first sign-in is nothing to warn of.
func (b *Browser) familiar(w http.ResponseWriter, r *http.Request, acc account.Account) (*http.Request, error) {
	if b.Known(r) == "" {
		v := ident.NewToken(b.Random)
		b.set(w, knownCookie, v, longLived)
		r = r.Clone(r.Context())
		r.AddCookie(&http.Cookie{Name: b.name(knownCookie), Value: v})
	}
	return r, b.remember(w, r, acc.Email)
}

// remember makes this browser known for the address.
func (b *Browser) remember(w http.ResponseWriter, r *http.Request, email string) error {
	emailKey, err := ident.EmailKey(email)
	if err != nil {
		return err
	}
	known := b.Known(r)
	if known == "" {
		v := ident.NewToken(b.Random)
		b.set(w, knownCookie, v, longLived)
		known = ident.Digest(v)
	}
	return b.KV.Put(r.Context(), knownKey(known, emailKey), []byte("1"), longLived)
}

// Establish signs a person in who proved it outside the pages of sign-in (a new account's
// first password), and gives where to go on: the sign-in of the service that sent them, if
// it began in this browser, or My account.
func (b *Browser) Establish(w http.ResponseWriter, r *http.Request, acc account.Account, proof policy.Proof, flowID string) (string, error) {
	binding := b.Binding(w, r)
	r, err := b.familiar(w, r, acc)
	if err != nil {
		return "", err
	}
	if flowID != "" {
		v, err := b.Login.Prove(r.Context(), flowID, binding, acc, proof)
		switch {
		case err == nil && v.Step == login.Done:
			return b.Finish(w, r, flowID)
		case err == nil:
			return "/login?flow=" + flowID, nil
		case fault.KindOf(err) == fault.Unavailable, fault.KindOf(err) == fault.Internal:
			return "", err
		}
	}
	ask := login.Request{Kind: login.KindAccount, ReturnURL: "/account", Requirement: policy.Anyone()}
	id, err := b.Login.Begin(r.Context(), ask, binding, nil)
	if err != nil {
		return "", err
	}
	v, err := b.Login.Prove(r.Context(), id, binding, acc, proof)
	if err != nil {
		return "", err
	}
	if v.Step != login.Done {
		return "/login?flow=" + id, nil
	}
	return b.Finish(w, r, id)
}

// Forget removes the cookie of the session, and the one that sign-ins under way are bound to:
// whoever sits down here next begins anew (security case 10).
func (b *Browser) Forget(w http.ResponseWriter) {
	b.set(w, sessionCookie, "", -time.Second)
	b.set(w, bindingCookie, "", -time.Second)
}

func knownKey(known, emailKey string) string {
	return "known:" + ident.Digest(known+" "+emailKey)
}

// Describe names browser and system of a User-Agent in a few words, for people: it is a hint
// that anybody can forge, and decides nothing.
func Describe(userAgent string) string {
	if len(userAgent) > 400 {
		userAgent = userAgent[:400]
	}
	name := first(userAgent, "Browser", "Edg/", "Edge", "OPR/", "Opera", "Firefox/", "Firefox", "Chrome/", "Chrome", "Safari/", "Safari", "curl/", "curl", "Go-http-client", "Program")
	system := first(userAgent, "", "iPhone", "iPhone", "iPad", "iPad", "Android", "Android", "Windows", "Windows", "Mac OS X", "macOS", "CrOS", "ChromeOS", "Linux", "Linux")
	if system == "" {
		return name
	}
	return name + ", " + system
}

func first(s, otherwise string, pairs ...string) string {
	for i := 0; i < len(pairs); i += 2 {
		if strings.Contains(s, pairs[i]) {
			return pairs[i+1]
		}
	}
	return otherwise
}
