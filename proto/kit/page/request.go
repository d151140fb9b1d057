package page

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

type key int

const (
	personKey key = iota
	langKey
	referenceKey
	formKey
	frameKey
	cameraKey
)

// Person is who the header says is signed in.
type Person struct{ Name, Detail string }

// WithPerson makes the header show who is signed in.
func WithPerson(ctx context.Context, p Person) context.Context {
	return context.WithValue(ctx, personKey, &p)
}

func personOf(ctx context.Context) *Person {
	p, _ := ctx.Value(personKey).(*Person)
	return p
}

// AllowFormTo lets forms of this page end at a further origin: browsers hold the redirects
// after a POST against form-action too.
func AllowFormTo(ctx context.Context, address string) context.Context {
	return allow(ctx, formKey, address)
}

// AllowFrame lets this page show a frame of a further origin.
func AllowFrame(ctx context.Context, address string) context.Context {
	return allow(ctx, frameKey, address)
}

// allow adds the origin of an address to those of the key, each once; what is no origin is left out.
func allow(ctx context.Context, k key, address string) context.Context {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || strings.ContainsAny(u.Host, " *;,'\"") {
		return ctx
	}
	have, origin := allowed(ctx, k), u.Scheme+"://"+u.Host
	if slices.Contains(have, origin) {
		return ctx
	}
	return context.WithValue(ctx, k, append(slices.Clone(have), origin))
}

func allowed(ctx context.Context, k key) []string {
	have, _ := ctx.Value(k).([]string)
	return have
}

// AllowCamera lets this page use the camera.
func AllowCamera(ctx context.Context) context.Context { return context.WithValue(ctx, cameraKey, true) }

// WithLang fixes the language of a request, for example to a service's ui_locales.
func WithLang(ctx context.Context, lang string) context.Context {
	return context.WithValue(ctx, langKey, lang)
}

// Reference gives the name of this request that error pages and logs share.
func Reference(ctx context.Context) string {
	ref, _ := ctx.Value(referenceKey).(string)
	return ref
}

func newReference() string {
	var b [10]byte
	_, _ = rand.Read(b[:]) // never fails
	return base32.StdEncoding.EncodeToString(b[:])
}

var languageNames = map[string]string{"en": "English", "fr": "Français", "de": "Deutsch"}

// Lang gives the language of a request: fixed by the handler, ?lang= (which Middleware
// remembers) or ui_locales, the cookie, or what the browser prefers.
func (s *Site) Lang(r *http.Request) string {
	if l, ok := r.Context().Value(langKey).(string); ok {
		if best := s.best(l); best != "" {
			return best
		}
	}
	for _, name := range []string{"lang", "ui_locales"} {
		for _, l := range strings.Fields(r.URL.Query().Get(name)) {
			if best := s.best(l); best != "" {
				return best
			}
		}
	}
	if c, err := r.Cookie(s.CookiePrefix + "lang"); err == nil {
		if best := s.best(c.Value); best != "" {
			return best
		}
	}
	tags, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err == nil {
		for _, t := range tags {
			base, _ := t.Base()
			if slices.Contains(s.Languages, base.String()) {
				return base.String()
			}
		}
	}
	return s.Languages[0]
}

// best gives the language that we have for a tag such as "fr-BE", or "".
func (s *Site) best(tag string) string {
	if len(tag) > 35 {
		return ""
	}
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	if slices.Contains(s.Languages, base) {
		return base
	}
	return ""
}

// SetLanguage handles POST /language: it keeps the choice and goes back.
func (s *Site) SetLanguage(w http.ResponseWriter, r *http.Request) {
	s.keepLang(w, r.FormValue("lang"))
	http.Redirect(w, r, LocalPath(r.FormValue("to")), http.StatusSeeOther)
}

// keepLang remembers a chosen language for a year; what is no language of ours is ignored.
func (s *Site) keepLang(w http.ResponseWriter, tag string) {
	if l := s.best(tag); l != "" {
		http.SetCookie(w, &http.Cookie{Name: s.CookiePrefix + "lang", Value: l, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode})
	}
}

// LocalPath gives a path of this site; anything that could lead elsewhere becomes "/".
func LocalPath(p string) string {
	u, err := url.Parse(p)
	if err != nil || !strings.HasPrefix(p, "/") || strings.HasPrefix(p, "//") || strings.ContainsAny(p, "\\\r\n\t") || u.Host != "" || u.Scheme != "" {
		return "/"
	}
	return p
}

// returnPath is where changing the language comes back to: this page, or after a POST the
// page that it was sent from.
func returnPath(r *http.Request) string {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		q := r.URL.Query()
		q.Del("lang")
		q.Del("ui_locales")
		u := url.URL{Path: r.URL.Path, RawQuery: q.Encode()}
		return LocalPath(u.String())
	}
	if u, err := url.Parse(r.Referer()); err == nil && u.Path != "" {
		return LocalPath((&url.URL{Path: u.Path, RawQuery: u.RawQuery}).String())
	}
	return "/"
}
