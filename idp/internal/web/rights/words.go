package rights

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"eulogin.example/idp/internal/rights"
	"eulogin.example/proto/kit/page"
)

// shownMost is how many records of a table the page shows; the file has all.
const shownMost = 100

type line struct{ Key, Name, Value string } // Key is a text of the catalogue, Name a service's own word

type part struct {
	Key, Name string
	Records   [][]line
	More      int // records that only the file has
}

type service struct {
	Name    string
	Missing bool
	Tables  []part
}

type copyPage struct {
	MadeAt   time.Time
	Tables   []part
	Services []service
}

// words tells a table in the words of the catalogue.
func (p *Pages) words(r *http.Request, t rights.Table) part {
	out := part{Key: "copy.table." + t.Name, More: max(0, len(t.Records)-shownMost)}
	for _, record := range t.Records[:len(t.Records)-out.More] {
		var lines []line
		for _, c := range record {
			if v := p.word(r, c.Value); v != "" {
				lines = append(lines, line{Key: "copy.column." + c.Column, Value: v})
			}
		}
		out.Records = append(out.Records, lines)
	}
	return out
}

// word tells one value; "" for one that says nothing.
func (p *Pages) word(r *http.Request, v any) string {
	lang := p.Site.Lang(r)
	switch v := v.(type) {
	case nil:
		return ""
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return page.DateTime(lang, v.In(p.Site.Location))
	case bool:
		return p.Site.T(lang, map[bool]string{true: "copy.yes", false: "copy.no"}[v])
	case map[string]any:
		if len(v) == 0 {
			return ""
		}
		raw, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return string(raw)
	}
	return fmt.Sprint(v)
}

// partsOf tells the tables of a service with its own names, in order.
func partsOf(tables map[string][]map[string]any) (out []part) {
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		records := tables[name]
		if len(records) == 0 {
			continue
		}
		t := part{Name: name, More: max(0, len(records)-shownMost)}
		for _, r := range records[:len(records)-t.More] {
			var lines []line
			for _, column := range slices.Sorted(maps.Keys(r)) {
				if v := plainWord(r[column]); v != "" {
					lines = append(lines, line{Name: column, Value: v})
				}
			}
			t.Records = append(t.Records, lines)
		}
		out = append(out, t)
	}
	return out
}

func plainWord(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(raw)
}
