package browser

import (
	"net/http"
	"time"

	"eulogin.example/idp/internal/ident"
)

// Names of the cookies, before the prefix.
const (
	bindingCookie = "browser" // a random value that flows are bound to
	sessionCookie = "session" // the session's secret
	knownCookie   = "known"   // a browser that somebody signed in with before
	methodCookie  = "method"  // the verification method used last
)

const longLived = 400 * 24 * time.Hour

// name gives a cookie its full name. With https it starts with __Host-, so that no other
// host can set it (security case 9).
func (b *Browser) name(short string) string {
	if b.Secure {
		return "__Host-eulogin_" + short
	}
	return "eulogin_" + short
}

func (b *Browser) set(w http.ResponseWriter, short, value string, keep time.Duration) {
	c := &http.Cookie{Name: b.name(short), Value: value, Path: "/", HttpOnly: true, Secure: b.Secure, SameSite: http.SameSiteLaxMode}
	if keep != 0 {
		c.MaxAge = int(keep.Seconds())
	}
	http.SetCookie(w, c)
}

func (b *Browser) get(r *http.Request, short string) string {
	c, err := r.Cookie(b.name(short))
	if err != nil || len(c.Value) > 100 {
		return ""
	}
	return c.Value
}

// Binding gives the digest that flows of this browser are bound to, and sets the cookie when
// the browser has none.
func (b *Browser) Binding(w http.ResponseWriter, r *http.Request) string {
	v := b.get(r, bindingCookie)
	if len(v) != 43 {
		v = ident.NewToken(b.Random)
		b.set(w, bindingCookie, v, 0)
	}
	return ident.Digest(v)
}

// Bound gives the digest that flows of this browser are bound to, "" when it has no cookie.
func (b *Browser) Bound(r *http.Request) string {
	if v := b.get(r, bindingCookie); len(v) == 43 {
		return ident.Digest(v)
	}
	return ""
}

// Known gives the digest of the cookie by which a browser is known again, "" without one.
func (b *Browser) Known(r *http.Request) string {
	if v := b.get(r, knownCookie); len(v) == 43 {
		return ident.Digest(v)
	}
	return ""
}

// LastMethod gives the verification method that was used last in this browser.
func (b *Browser) LastMethod(r *http.Request) string { return b.get(r, methodCookie) }

// RememberMethod keeps the verification method for the next time.
func (b *Browser) RememberMethod(w http.ResponseWriter, method string) {
	b.set(w, methodCookie, method, longLived)
}
