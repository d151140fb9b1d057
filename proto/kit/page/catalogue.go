package page

import (
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"regexp"
	"slices"
	"strings"
)

// Catalogue holds the texts: language -> key -> text with {0}, {1} … for the arguments.
type Catalogue map[string]map[string]string

// loadCatalogue reads <lang>/*.json of every set. A key that stands twice, is missing in a
// language, is empty, or has other placeholders there is an error: all are listed.
func loadCatalogue(languages []string, sets ...fs.FS) (Catalogue, error) {
	c := Catalogue{}
	var faults []string
	for _, lang := range languages {
		c[lang] = map[string]string{}
		for _, set := range sets {
			if set == nil {
				continue
			}
			names, err := fs.Glob(set, lang+"/*.json")
			if err != nil {
				return nil, err
			}
			for _, name := range names {
				f, err := c.read(set, name, lang)
				if err != nil {
					return nil, err
				}
				faults = append(faults, f...)
			}
		}
	}
	faults = append(faults, c.Faults()...)
	if len(faults) > 0 {
		return nil, fmt.Errorf("page: the catalogue is not complete:\n%s", strings.Join(faults, "\n"))
	}
	return c, nil
}

func (c Catalogue) read(set fs.FS, name, lang string) (faults []string, err error) {
	raw, err := fs.ReadFile(set, name)
	if err != nil {
		return nil, err
	}
	var texts map[string]string
	if err := json.Unmarshal(raw, &texts); err != nil {
		return nil, fmt.Errorf("page: %s: %w", name, err)
	}
	for k, v := range texts {
		if _, twice := c[lang][k]; twice {
			faults = append(faults, fmt.Sprintf("%s: %s stands twice", lang, k))
		}
		c[lang][k] = v
	}
	return faults, nil
}

var placeholder = regexp.MustCompile(`\{\d\}`)

// Faults lists what keeps the catalogue from being complete.
func (c Catalogue) Faults() []string {
	all := map[string]bool{}
	for _, texts := range c {
		for k := range texts {
			all[k] = true
		}
	}
	var faults []string
	for k := range all {
		var want []string
		first := ""
		for _, lang := range sorted(c) {
			text, ok := c[lang][k]
			if !ok || strings.TrimSpace(text) == "" {
				faults = append(faults, fmt.Sprintf("%s: %s is missing", lang, k))
				continue
			}
			have := placeholder.FindAllString(text, -1)
			slices.Sort(have)
			have = slices.Compact(have)
			if first == "" {
				first, want = lang, have
			} else if !slices.Equal(have, want) {
				faults = append(faults, fmt.Sprintf("%s: %s has other placeholders than %s", lang, k, first))
			}
		}
	}
	slices.Sort(faults)
	return faults
}

// used finds the keys that a template names.
var used = regexp.MustCompile(`\bth?\s+"([^"]+)"`)

// missing lists the keys of a template that some language lacks.
func (c Catalogue) missing(template []byte) (keys []string) {
	for _, m := range used.FindAllSubmatch(template, -1) {
		for _, texts := range c {
			if _, ok := texts[string(m[1])]; !ok {
				keys = append(keys, string(m[1]))
				break
			}
		}
	}
	return keys
}

// text gives a text with its arguments. An unknown key shows as itself: a test finds it.
func (c Catalogue) text(lang, key string, args []any) string {
	text, ok := c[lang][key]
	if !ok {
		return key
	}
	for i, a := range args {
		text = strings.ReplaceAll(text, fmt.Sprintf("{%d}", i), fmt.Sprint(a))
	}
	return text
}

// html gives a text whose own markup counts and whose arguments are escaped.
func (c Catalogue) html(lang, key string, args []any) template.HTML {
	safe := make([]any, len(args))
	for i, a := range args {
		safe[i] = template.HTMLEscapeString(harmless(fmt.Sprint(a)))
	}
	return template.HTML(c.text(lang, key, safe)) //nolint:gosec // our own text, escaped arguments
}

// scheme finds what makes a browser run or fetch something when an argument stands in an
// href of the text.
var scheme = regexp.MustCompile(`(?i)^[\s\x00-\x1f]*(javascript|data|vbscript)[\s\x00-\x1f]*:`)

func harmless(arg string) string {
	if scheme.MatchString(arg) {
		return "#"
	}
	return arg
}

// T gives a text in a language; unknown languages read English.
func (s *Site) T(lang, key string, args ...any) string {
	if s.catalogue[lang] == nil {
		lang = s.Languages[0]
	}
	return s.catalogue.text(lang, key, args)
}

// Has reports whether the catalogue has a text.
func (s *Site) Has(key string) bool {
	_, ok := s.catalogue[s.Languages[0]][key]
	return ok
}

func sorted(c Catalogue) []string {
	var out []string
	for l := range c {
		out = append(out, l)
	}
	slices.Sort(out)
	return out
}
