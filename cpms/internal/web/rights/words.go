package rights

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"eulogin.example/cpms/internal/rights"
	"eulogin.example/cpms/internal/web/guard"
	"eulogin.example/cpms/internal/web/show"
	"eulogin.example/proto/kit/page"
)

// words writes a record for people. What is empty is left out, and so is that a record about the
// visitor is about the visitor.
func (p *Pages) words(r *http.Request, table string, record []rights.Cell) (out []line) {
	lang, me := p.Site.Lang(r), guard.From(r.Context()).Person.ID
	for _, c := range record {
		key, text := "copy.column."+c.Column, p.word(lang, c)
		switch {
		case c.Column == "subject" && table != "audit_events":
			key = "copy.column.account"
		case c.Column == "id": // of the record itself
		case text == me && c.Column == "person_id":
			continue
		case text == me:
			text = p.Site.T(lang, "copy.you")
		}
		if text != "" {
			out = append(out, line{key, text})
		}
	}
	return out
}

// choices are the columns whose values have texts of their own, by how the keys of those begin.
var choices = map[string]string{
	"action": "event.", "actor": "trail.who.", "state": "status.", "from_state": "status.", "role": "role.", "side": "remark.side.", "kind": "remark.kind.", "lang": "language.", "mail_lang": "language.",
}

// chosen gives the text of a value, or the value where it has none: an identifier, or something
// that no page shows.
func (p *Pages) chosen(lang, prefix, value string) string {
	key := prefix + value
	if text := p.Site.T(lang, key); text != key {
		return text
	}
	return value
}

func (p *Pages) word(lang string, c rights.Cell) string {
	switch v := c.Value.(type) {
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return page.DateTime(lang, v.In(p.Site.Location))
	case bool:
		return p.Site.T(lang, map[bool]string{true: "copy.yes", false: "copy.no"}[v])
	case map[string]any:
		return p.list(lang, c.Column, v)
	case string:
		if v == "" {
			return ""
		}
		if prefix := choices[c.Column]; prefix != "" {
			return p.chosen(lang, prefix, v)
		}
		if c.Column == "network" || c.Column == "country" || c.Column == "hospital" {
			return show.ProfileWord(p.Site, lang, map[bool]string{true: "networks", false: c.Column}[c.Column == "network"], v)
		}
		return v
	}
	return fmt.Sprint(c.Value)
}

// list writes what was stored as JSON, one line for each name; the pages of a profile with the
// labels of their forms.
func (p *Pages) list(lang, column string, values map[string]any) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		text := p.value(lang, name, values[name])
		if text == "" {
			continue
		}
		if strings.HasPrefix(column, "page") {
			name = p.Site.T(lang, "profile."+name+".label")
		}
		out = append(out, name+": "+text)
	}
	return strings.Join(out, "\n")
}

func (p *Pages) value(lang, name string, v any) string {
	many, ok := v.([]any)
	if !ok {
		if v == nil || v == "" {
			return ""
		}
		return show.ProfileWord(p.Site, lang, name, fmt.Sprint(v))
	}
	var out []string
	for _, one := range many {
		out = append(out, show.ProfileWord(p.Site, lang, name, fmt.Sprint(one)))
	}
	return strings.Join(out, ", ")
}
