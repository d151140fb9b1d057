package page

import (
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"time"
	_ "time/tzdata" // images are made from scratch and have no zone files
)

//go:embed templates locales static
var kit embed.FS

// Config says what the pages of a service are made of.
type Config struct {
	Templates    fs.FS    // <area>/<page>.html, and parts.html with what several pages share
	Locales      fs.FS    // <lang>/<area>.json
	Static       fs.FS    // served below /static/
	Product      string   // "EU Login"
	CookiePrefix string   // names of cookies start with it: "eulogin_"; "__Host-" goes before it when Secure
	Demo         bool     // show that this is a demonstration
	Secure       bool     // reached by https: HSTS, __Host- cookies
	FormAction   []string // origins that every form may lead to, after redirects
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
		c.Languages = defaultLanguages
	}
	c.Home = cmp.Or(c.Home, "/")
	if c.Secure && !strings.HasPrefix(c.CookiePrefix, "__Host-") {
		c.CookiePrefix = "__Host-" + c.CookiePrefix // no other host of the domain can set it (security case 9)
	}
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
	var faults []string
	if s.catalogue, faults = loadCatalogue(c.Languages, sub(kit, "locales"), c.Locales); len(faults) > 0 {
		return nil, fmt.Errorf("page: the catalogue is not complete:\n%s", strings.Join(faults, "\n"))
	}
	for _, l := range c.Footer {
		if !s.has(l.Key) {
			return nil, fmt.Errorf("page: the footer names %s, which is not in the catalogue", l.Key)
		}
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

func sub(f fs.FS, dir string) fs.FS {
	s, err := fs.Sub(f, dir)
	if err != nil {
		panic(err) // the folders are compiled in
	}
	return s
}
