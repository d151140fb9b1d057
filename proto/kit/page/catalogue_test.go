package page_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"eulogin.example/proto/kit/page"
)

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

func TestCatalogueMustBeComplete(t *testing.T) {
	_, good := files()
	if faults := page.CheckCatalogue(good); len(faults) > 0 {
		t.Fatalf("a complete catalogue has %q", faults)
	}
	for want, spoil := range map[string]func(fstest.MapFS){
		"fr: x.label is missing": func(l fstest.MapFS) {
			l["fr/x.json"] = file(strings.Replace(texts("fr"), `"x.label": "Label", `, "", 1))
		},
		"en: x.more is missing":                    func(l fstest.MapFS) { l["de/y.json"] = file(`{"x.more": "mehr"}`) },
		"de: x.label is missing":                   func(l fstest.MapFS) { l["de/x.json"] = file(strings.Replace(texts("de"), "Label", " ", 1)) },
		"en: x.bad has other placeholders than de": func(l fstest.MapFS) { l["de/x.json"] = file(strings.Replace(texts("de"), "Not {0}", "Nicht", 1)) },
		"fr: x.two has other placeholders than de": func(l fstest.MapFS) { l["fr/x.json"] = file(strings.Replace(texts("fr"), "and {1}", "et {2}", 1)) },
		"en: x.label stands twice":                 func(l fstest.MapFS) { l["en/y.json"] = file(`{"x.label": "again"}`) },
		"en: kit.skip stands twice":                func(l fstest.MapFS) { l["en/y.json"] = file(`{"kit.skip": "mine"}`) },
		"en/y.json: unexpected end of JSON input":  func(l fstest.MapFS) { l["en/y.json"] = file(`{"x.more": `) },
		"fr: x.link has other placeholders than de": func(l fstest.MapFS) {
			l["fr/x.json"] = file(strings.Replace(texts("fr"), `<a href=\"{0}\">this</a>, {0}`, "{0}", 1))
		},
	} {
		_, locales := files()
		spoil(locales)
		if faults := strings.Join(page.CheckCatalogue(locales), "\n"); !strings.Contains(faults, want) {
			t.Errorf("%q is not among\n%s", want, faults)
		}
		if _, err := page.New(config(func(c *page.Config) { c.Locales = locales })); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New says %v, not %q", err, want)
		}
	}
}

func TestTemplatesMustNameTexts(t *testing.T) {
	for _, body := range []string{`{{t "x.nothing"}}`, `{{th "x.nothing" 1}}`, "{{t `x.nothing`}}", `{{template "button" (dict "text" (t  "x.nothing"))}}`} {
		_, err := page.New(config(func(c *page.Config) {
			c.Templates = fstest.MapFS{"x/y.html": file(`{{define "title"}}` + body + `{{end}}{{define "content"}}{{end}}`)}
		}))
		if err == nil || !strings.Contains(err.Error(), "x.nothing") || !strings.Contains(err.Error(), "x/y.html") {
			t.Errorf("%s: %v", body, err)
		}
	}
	if _, err := page.New(config(func(c *page.Config) { c.Footer = []page.Link{{Key: "x.nothing", Href: "/"}} })); err == nil {
		t.Error("a footer without its text was accepted")
	}
	if _, err := page.New(config(func(c *page.Config) { c.Templates = fstest.MapFS{"x/y.html": file(`{{if}}`)} })); err == nil {
		t.Error("a broken template was accepted")
	}
}

func TestTexts(t *testing.T) {
	s := site(t)
	for _, tt := range []struct{ lang, key, want string }{
		{"fr", "x.title", "Title fr"}, {"xx", "x.title", "Title en"}, {"", "x.title", "Title en"}, {"en", "x.none", "x.none"},
	} {
		if got := s.T(tt.lang, tt.key); got != tt.want {
			t.Errorf("%s %s: %q", tt.lang, tt.key, got)
		}
	}
	if got := s.T("en", "x.two", 1, "{0}"); got != "1 and {0}" {
		t.Errorf("filled: %q", got)
	}
}
