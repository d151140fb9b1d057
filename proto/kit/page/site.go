package page

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // images are made from scratch and have no zone files
)

//go:embed templates locales static
var kit embed.FS

// Config says what the pages of a service are made of.
type Config struct {
	Templates    fs.FS  // <area>/<page>.html
	Locales      fs.FS  // <lang>/<area>.json
	Static       fs.FS  // served below /static/
	Product      string // "EU Login"
	CookiePrefix string // names of cookies start with it: "eulogin_"
	Demo         bool   // show that this is a demonstration
	Secure       bool   // reached by https: HSTS, __Host- cookies
	FormAction   []string
	Languages    []string // default: en, fr, de
	Nav          func(*http.Request) Nav
	Footer       []Link
	Home         string // where the product's name leads; default "/"
	Location     *time.Location
	Log          *slog.Logger
}

// Nav is what stands in the header of a page.
type Nav struct {
	Links   []Link
	SignOut string // address that a POST signs out at; "" when nobody is signed in
}

// Link is a link with its text's key.
type Link struct {
	Key, Href string
	Current   bool
}

// Option is one choice of a select, of radio buttons or check boxes.
type Option struct {
	Value, Label, Help string
	Selected, Disabled bool
}

// Site renders the pages of one service. It is safe for concurrent use.
type Site struct {
	Config
	catalogue Catalogue
	pages     map[string]map[string]*template.Template // language -> page -> set
	static    *assets
	guard     *http.CrossOriginProtection
}

// New parses everything once for each language. A text that a template names and the
// catalogue lacks is an error, and so is a catalogue that is not complete.
func New(c Config) (*Site, error) {
	if len(c.Languages) == 0 {
		c.Languages = []string{"en", "fr", "de"}
	}
	c.Home = cmp.Or(c.Home, "/")
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Location == nil {
		zone, err := time.LoadLocation("Europe/Brussels")
		if err != nil {
			return nil, fmt.Errorf("page: %w", err)
		}
		c.Location = zone
	}
	s := &Site{Config: c, pages: map[string]map[string]*template.Template{}, guard: http.NewCrossOriginProtection()}
	var err error
	if s.catalogue, err = loadCatalogue(c.Languages, sub(kit, "locales"), c.Locales); err != nil {
		return nil, err
	}
	if s.static, err = loadAssets(sub(kit, "static"), c.Static); err != nil {
		return nil, err
	}
	for _, lang := range c.Languages {
		if s.pages[lang], err = s.parse(lang); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// parse builds one set per page: layout, parts, and the page itself.
func (s *Site) parse(lang string) (map[string]*template.Template, error) {
	base, err := template.New("layout.html").Funcs(s.funcs(lang)).
		ParseFS(kit, "templates/layout.html", "templates/parts.html")
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	pages := map[string]*template.Template{}
	for _, set := range []fs.FS{sub(kit, "templates/pages"), s.Templates} {
		names, err := pageNames(set)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			raw, err := fs.ReadFile(set, name)
			if err != nil {
				return nil, err
			}
			if missing := s.catalogue.missing(raw); len(missing) > 0 {
				return nil, fmt.Errorf("page: %s names texts that are not in the catalogue: %s", name, strings.Join(missing, ", "))
			}
			t, err := template.Must(base.Clone()).Parse(string(raw))
			if err != nil {
				return nil, fmt.Errorf("page: %s: %w", name, err)
			}
			pages[strings.TrimSuffix(name, ".html")] = t
		}
	}
	return pages, nil
}

// pageNames lists <area>/<page>.html.
func pageNames(set fs.FS) ([]string, error) {
	if set == nil {
		return nil, nil
	}
	var names []string
	err := fs.WalkDir(set, ".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(p, ".html") {
			names = append(names, p)
		}
		return err
	})
	slices.Sort(names)
	return names, err
}

// View is the dot of every page template.
type View struct {
	Lang      string
	Path      string // address of this page, to come back to
	Product   string
	Home      string
	Demo      bool
	Person    *Person
	Nav       Nav
	Footer    []Link
	Languages []Language
	Data      any
}

// Language is one entry of the language chooser.
type Language struct {
	Code, Name string
	Current    bool
}

// Render writes a page. It is built in a buffer first, so that there is no half page.
func (s *Site) Render(w http.ResponseWriter, r *http.Request, status int, name string, data any) error {
	lang := s.Lang(r)
	t := s.pages[lang][name]
	if t == nil {
		return fmt.Errorf("page: no page %q", name)
	}
	var buf bytes.Buffer
	if err := t.ExecuteTemplate(&buf, "layout.html", s.view(r, lang, data)); err != nil {
		return fmt.Errorf("page: %s: %w", name, err)
	}
	h := w.Header()
	s.headers(h, r)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", lang)
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(buf.Bytes()) // the person has gone
	}
	return nil
}

func (s *Site) view(r *http.Request, lang string, data any) View {
	v := View{
		Lang: lang, Path: returnPath(r), Product: s.Product, Home: s.Home, Demo: s.Demo, Person: personOf(r.Context()),
		Footer: s.Footer, Data: data,
	}
	if s.Config.Nav != nil {
		v.Nav = s.Config.Nav(r)
	}
	for _, l := range s.Languages {
		v.Languages = append(v.Languages, Language{Code: l, Name: languageNames[l], Current: l == lang})
	}
	return v
}

func sub(f fs.FS, dir string) fs.FS {
	s, err := fs.Sub(f, dir)
	if err != nil {
		panic(err) // the folders are compiled in
	}
	return s
}
