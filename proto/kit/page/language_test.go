package page_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"eulogin.example/proto/kit/page"
)

func TestLanguage(t *testing.T) {
	s := site(t)
	for name, tt := range map[string]struct{ target, cookie, accept, want string }{
		"default": {"/", "", "", "en"}, "browser": {"/", "", "pl, fr-BE;q=0.8, de;q=0.5", "fr"}, "cookie wins": {"/", "de", "fr", "de"},
		"query wins": {"/?lang=fr", "de", "", "fr"}, "ui_locales": {"/?ui_locales=xx+de-AT", "", "", "de"}, "unknown": {"/?lang=../../etc", "zz", "xx", "en"},
		"long": {"/?lang=" + strings.Repeat("fr-", 100), "", "de", "de"}, "upper case": {"/?lang=FR", "", "", "fr"}, "broken header": {"/", "", "fr;q=x,,;", "en"},
	} {
		r := get(tt.target)
		r.Header.Set("Accept-Language", tt.accept)
		if tt.cookie != "" {
			r.AddCookie(&http.Cookie{Name: "x_lang", Value: tt.cookie})
		}
		if got := s.Lang(r); got != tt.want {
			t.Errorf("%s: %s", name, got)
		}
		if got := s.Lang(r.WithContext(page.WithLang(r.Context(), "de-DE"))); got != "de" {
			t.Errorf("%s, fixed by the handler: %s", name, got)
		}
	}
}

func TestChosenLanguageIsRemembered(t *testing.T) {
	for _, s := range []*page.Site{site(t), site(t, secure)} {
		w := serve(s, get("/x?lang=fr-BE"), func(http.ResponseWriter, *http.Request) error { return nil })
		c := w.Result().Cookies()
		if len(c) != 1 || c[0].Value != "fr" || c[0].Path != "/" || c[0].MaxAge <= 0 || !c[0].HttpOnly || c[0].SameSite != http.SameSiteLaxMode || c[0].Domain != "" {
			t.Fatalf("cookies %v", c)
		}
		if name := map[bool]string{false: "x_lang", true: "__Host-x_lang"}[s.Secure]; c[0].Name != name || c[0].Secure != s.Secure {
			t.Errorf("%v, want %s", c[0], name)
		}
		r := get("/y")
		r.AddCookie(c[0])
		if got := s.Lang(r); got != "fr" {
			t.Errorf("the next page is in %s", got)
		}
	}
	for _, target := range []string{"/x", "/x?lang=xx", "/x?ui_locales=fr"} {
		if w := serve(site(t), get(target), func(http.ResponseWriter, *http.Request) error { return nil }); len(w.Result().Cookies()) != 0 {
			t.Errorf("%s sets %v", target, w.Result().Cookies())
		}
	}
}

// TestChangingTheLanguageStaysHere is security case 14 for POST /language.
func TestChangingTheLanguageStaysHere(t *testing.T) {
	s := site(t)
	for to, want := range map[string]string{
		"/account?x=1": "/account?x=1", "/a/../b": "/b", "": "/", "account": "/", "//evil.example": "/", "///evil.example": "/", "https://evil.example": "/", `/\evil.example`: "/",
		`\\evil.example`: "/", "/\t/evil.example": "/", "/\r\nX: y": "/", "javascript:alert(1)": "/", " //evil.example": "/", "/.//evil.example": "/evil.example",
	} {
		r := httptest.NewRequest("POST", "/language", strings.NewReader(url.Values{"lang": {"fr"}, "to": {to}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		s.SetLanguage(w, r)
		if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != want || len(w.Result().Cookies()) != 1 {
			t.Errorf("%q: %d %q", to, w.Code, got)
		}
	}
}

// TestChooserComesBackToThePage: without what would overrule the choice; after a POST to the
// page that the form was on.
func TestChooserComesBackToThePage(t *testing.T) {
	s := site(t)
	for target, want := range map[string]string{"/x?flow=1&lang=de&ui_locales=fr": `value="/x?flow=1"`, "//evil.example/x": `value="/"`} {
		r := get("/x")
		r.URL, _ = url.ParseRequestURI(target)
		if strings.HasPrefix(target, "//") {
			r.URL = &url.URL{Path: target}
		}
		if body := show(t, s, r, data{}); !strings.Contains(body, `name="to" `+want) {
			t.Errorf("%s: %s is missing", target, want)
		}
	}
	for referer, want := range map[string]string{"https://idp.example/login?flow=1": `value="/login?flow=1"`, "https://x.example//evil.example/": `value="/"`, "": `value="/"`} {
		r := httptest.NewRequest("POST", "/x", nil)
		r.Header.Set("Referer", referer)
		if body := show(t, s, r, data{}); !strings.Contains(body, `name="to" `+want) {
			t.Errorf("after a POST from %q: %s is missing", referer, want)
		}
	}
}

func TestDates(t *testing.T) {
	s := site(t)
	winter, summer := time.Date(2026, 3, 1, 8, 5, 0, 0, time.UTC), time.Date(2026, 8, 14, 22, 30, 0, 0, time.UTC)
	for lang, want := range map[string][2]string{
		"en": {"1 March 2026 at 09:05 CET", "15 August 2026 at 00:30 CEST"},
		"fr": {"1er mars 2026 à 9\u00a0h\u00a005 (CET)", "15 août 2026 à 0\u00a0h\u00a030 (CEST)"},
		"de": {"1. März 2026, 09:05\u00a0Uhr (MEZ)", "15. August 2026, 00:30\u00a0Uhr (MESZ)"},
	} {
		for i, at := range []time.Time{winter, summer} {
			if body := show(t, s, get("/x?lang="+lang), data{At: at}); !strings.Contains(body, "<time>"+want[i]+"</time>") {
				t.Errorf("%s: %q is missing", lang, want[i])
			}
		}
	}
	utc := site(t, func(c *page.Config) { c.Location = time.UTC })
	if body := show(t, utc, get("/x"), data{At: winter}); !strings.Contains(body, "1 March 2026 at 08:05 UTC") {
		t.Error("another time zone is not used")
	}
}

func FuzzLocalPath(f *testing.F) {
	for _, s := range []string{"/a", "//b", `/\c`, "/%2f/d", "javascript:x"} {
		f.Add(s)
	}
	base := &url.URL{Scheme: "https", Host: "idp.example", Path: "/language"}
	f.Fuzz(func(t *testing.T, in string) {
		got := page.LocalPath(in)
		if !strings.HasPrefix(got, "/") || strings.HasPrefix(got, "//") || strings.ContainsAny(got, "\\\r\n\t") {
			t.Fatalf("%q leads to %q", in, got)
		}
		if to, err := base.Parse(got); err != nil || to.Host != base.Host || to.Scheme != base.Scheme {
			t.Fatalf("%q leads to %v (%v)", in, to, err)
		}
	})
}
