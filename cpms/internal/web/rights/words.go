package rights

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"eulogin.example/cpms/internal/rights"
	"eulogin.example/cpms/internal/web/show"
	"eulogin.example/proto/kit/page"
)

// words writes a record for people: what is empty is left out.
func (p *Pages) words(r *http.Request, record []rights.Cell) (out []line) {
	lang := p.Site.Lang(r)
	for _, c := range record {
		if text := p.word(lang, c); text != "" {
			out = append(out, line{"copy.column." + c.Column, text})
		}
	}
	return out
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
