package page

import (
	"errors"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"eulogin.example/proto/kit/fault"
)

// funcs are what templates may call, bound to one language.
func (s *Site) funcs(lang string) template.FuncMap {
	return template.FuncMap{
		"t":        func(key string, args ...any) string { return s.catalogue.text(lang, key, args) },
		"th":       func(key string, args ...any) template.HTML { return s.catalogue.html(lang, key, args) },
		"date":     func(at time.Time) string { return Date(lang, at.In(s.Location)) },
		"datetime": func(at time.Time) string { return DateTime(lang, at.In(s.Location)) },
		"clock":    func(at time.Time) string { return Clock(lang, at.In(s.Location)) },
		"static":   s.static.url,
		"dict":     dict,
		"list":     func(v ...any) []any { return v },
		"err":      func(m map[string]fault.Message, name string) fault.Message { return m[name] },
		"msg":      func(v any) (string, error) { return s.message(lang, v) },
		"fields":   fields,
		"add":      func(a, b int) int { return a + b },
		"join":     strings.Join,
	}
}

// message gives the text of an error in a form: a fault.Message, a finished text, or nothing.
func (s *Site) message(lang string, v any) (string, error) {
	switch m := v.(type) {
	case nil:
		return "", nil
	case string:
		return m, nil
	case fault.Message:
		if m.Key == "" {
			return "", nil
		}
		return s.catalogue.text(lang, m.Key, m.Args), nil
	}
	return "", fmt.Errorf("a message cannot be a %T", v)
}

// parts are the optional arguments of the form parts; a part may ask for any of them.
var parts = []string{
	"help", "value", "error", "autocomplete", "required", "type", "options", "checked", "rows", "kind", "title", "text",
	"inputmode", "maxlength", "name", "label", "steps", "current", "secondary", "href", "readonly", "pattern", "minlength",
}

// dict makes a map of pairs, with nil for the arguments that were not given.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, errors.New("dict wants pairs")
	}
	m := make(map[string]any, len(parts))
	for _, p := range parts {
		m[p] = nil
	}
	for i := 0; i < len(pairs); i += 2 {
		k, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: the key %v is no text", pairs[i])
		}
		m[k] = pairs[i+1]
	}
	return m, nil
}

// fields lists the names in an error map in a stable order.
func fields(m map[string]fault.Message) []string {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

var months = map[string][12]string{
	"en": {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
	"fr": {"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
	"de": {"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"},
}

// Date writes a day with its month in words, as the language does.
func Date(lang string, at time.Time) string {
	names, ok := months[lang]
	if !ok {
		names = months["en"]
	}
	month := names[at.Month()-1]
	switch {
	case lang == "de":
		return fmt.Sprintf("%d. %s %d", at.Day(), month, at.Year())
	case lang == "fr" && at.Day() == 1:
		return fmt.Sprintf("1er %s %d", month, at.Year())
	}
	return fmt.Sprintf("%d %s %d", at.Day(), month, at.Year())
}

// germanZones are the names that Central European Time has in German.
var germanZones = strings.NewReplacer("CEST", "MESZ", "CET", "MEZ")

// Clock writes the time of day with its zone: 09:05 CET, 9 h 05 (CET), 09:05 Uhr (MEZ).
func Clock(lang string, at time.Time) string {
	zone := at.Format("MST")
	switch lang {
	case "fr":
		return fmt.Sprintf("%d\u00a0h\u00a0%02d (%s)", at.Hour(), at.Minute(), zone)
	case "de":
		return fmt.Sprintf("%s\u00a0Uhr (%s)", at.Format("15:04"), germanZones.Replace(zone))
	}
	return at.Format("15:04 MST")
}

// DateTime writes a day and the time with its zone.
func DateTime(lang string, at time.Time) string {
	switch lang {
	case "fr":
		return Date(lang, at) + " à " + Clock(lang, at)
	case "de":
		return Date(lang, at) + ", " + Clock(lang, at)
	}
	return Date(lang, at) + " at " + Clock(lang, at)
}
