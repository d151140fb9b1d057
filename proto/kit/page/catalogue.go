package page

import (
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Catalogue holds the texts: language -> key -> text with {0}, {1} … for the arguments.
type Catalogue map[string]map[string]string

// defaultLanguages are those of both services; the first is the one to fall back to.
var defaultLanguages = []string{"en", "fr", "de"}

// CheckCatalogue lists what keeps a service's texts, together with the kit's, from being
// complete in every language; New refuses such a catalogue with the same words.
func CheckCatalogue(texts fs.FS) []string {
	_, faults := loadCatalogue(defaultLanguages, sub(kit, "locales"), texts)
	return faults
}

// loadCatalogue reads <lang>/*.json of every set. A file that cannot be read and a key that
// stands twice are faults, as is all that Faults finds.
func loadCatalogue(languages []string, sets ...fs.FS) (c Catalogue, faults []string) {
	c = Catalogue{}
	for _, lang := range languages {
		c[lang] = map[string]string{}
		for _, set := range sets {
			if set == nil {
				continue
			}
			names, _ := fs.Glob(set, lang+"/*.json") // fails only on a bad pattern
			for _, name := range names {
				faults = append(faults, c.read(set, name, lang)...)
			}
		}
	}
	return c, append(faults, c.Faults()...)
}

func (c Catalogue) read(set fs.FS, name, lang string) (faults []string) {
	var texts map[string]string
	raw, err := fs.ReadFile(set, name)
	if err == nil {
		err = json.Unmarshal(raw, &texts)
	}
	if err != nil {
		return []string{fmt.Sprintf("%s: %v", name, err)}
	}
	for k, v := range texts {
		if _, twice := c[lang][k]; twice {
			faults = append(faults, fmt.Sprintf("%s: %s stands twice", lang, k))
		}
		c[lang][k] = v
	}
	return faults
}

// placeholder finds {0} … {9}, and whether it begins an address.
var placeholder = regexp.MustCompile(`(href=")?\{(\d)\}`)

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
var used = regexp.MustCompile("\\bth?\\s+[\"`]([^\"`]+)[\"`]")

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
	return c.fill(lang, key, args, func(arg string, _ bool) string { return arg })
}

// html gives a text whose own markup counts and whose arguments are escaped.
func (c Catalogue) html(lang, key string, args []any) template.HTML {
	return template.HTML(c.fill(lang, key, args, func(arg string, address bool) string { //nolint:gosec // our own text, escaped arguments
		if address && !harmless(arg) {
			arg = "#"
		}
		return template.HTMLEscapeString(arg)
	}))
}

// fill replaces the placeholders in one pass, so that an argument is never searched for more.
func (c Catalogue) fill(lang, key string, args []any, write func(arg string, address bool) string) string {
	text, ok := c[lang][key]
	if !ok {
		return key
	}
	return placeholder.ReplaceAllStringFunc(text, func(found string) string {
		m := placeholder.FindStringSubmatch(found)
		if n := int(m[2][0] - '0'); n < len(args) {
			return m[1] + write(fmt.Sprint(args[n]), m[1] != "")
		}
		return found
	})
}

// harmless reports whether an address leads to a page or to a mail program. Browsers ignore
// blanks and control characters in a scheme; url.Parse refuses the latter.
func harmless(address string) bool {
	u, err := url.Parse(strings.TrimSpace(address))
	return err == nil && slices.Contains([]string{"", "http", "https", "mailto"}, strings.ToLower(u.Scheme))
}

// T gives a text in a language; unknown languages read English.
func (s *Site) T(lang, key string, args ...any) string {
	if s.catalogue[lang] == nil {
		lang = s.Languages[0]
	}
	return s.catalogue.text(lang, key, args)
}

// has reports whether the catalogue has a text.
func (s *Site) has(key string) bool {
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
