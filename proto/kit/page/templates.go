package page

import (
	"fmt"
	"html/template"
	"io/fs"
	"slices"
	"strings"
)

// sharedParts is where a service may define parts of its own that several of its pages use.
const sharedParts = "parts.html"

// parse builds one set per page: layout, parts, and the page itself.
func (s *Site) parse(lang string) (map[string]*template.Template, error) {
	base := template.New("").Funcs(s.funcs(lang))
	for _, name := range []string{"layout.html", "parts.html"} {
		if err := s.add(base, sub(kit, "templates"), name); err != nil {
			return nil, err
		}
	}
	if s.Templates != nil {
		if _, err := fs.Stat(s.Templates, sharedParts); err == nil {
			if err := s.add(base, s.Templates, sharedParts); err != nil {
				return nil, err
			}
		}
	}
	pages := map[string]*template.Template{}
	for _, set := range []fs.FS{sub(kit, "templates/pages"), s.Templates} {
		names, err := pageNames(set)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			t := template.Must(base.Clone())
			if err := s.add(t, set, name); err != nil {
				return nil, err
			}
			pages[strings.TrimSuffix(name, ".html")] = t
		}
	}
	return pages, nil
}

// add parses one file into a set; every text that it names must be in the catalogue.
func (s *Site) add(t *template.Template, set fs.FS, name string) error {
	raw, err := fs.ReadFile(set, name)
	if err != nil {
		return err
	}
	if missing := s.catalogue.missing(raw); len(missing) > 0 {
		return fmt.Errorf("page: %s names texts that are not in the catalogue: %s", name, strings.Join(missing, ", "))
	}
	if _, err := t.New(name).Parse(string(raw)); err != nil {
		return fmt.Errorf("page: %s: %w", name, err)
	}
	return nil
}

// pageNames lists <area>/<page>.html.
func pageNames(set fs.FS) ([]string, error) {
	if set == nil {
		return nil, nil
	}
	var names []string
	err := fs.WalkDir(set, ".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(p, ".html") && p != sharedParts {
			names = append(names, p)
		}
		return err
	})
	slices.Sort(names)
	return names, err
}
