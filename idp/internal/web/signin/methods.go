package signin

import (
	"maps"
	"slices"
	"strings"

	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/proto/kit/page"
)

// ways are the pages on which a missing method can be added; several methods share one.
func (p *Pages) ways(v login.View, lang string) []page.Option {
	var out []page.Option
	var seen []string
	for _, way := range v.Ways {
		if !slices.Contains(seen, way.Path) {
			seen = append(seen, way.Path)
			out = append(out, page.Option{Value: string(way.Method), Label: p.Site.T(lang, "signin.enrol.way."+string(way.Method)), Selected: len(out) == 0})
		}
	}
	return out
}

// directs are the methods with which a sign-in can begin.
func (p *Pages) directs(v login.View, lang string) []page.Option {
	var out []page.Option
	for _, m := range v.Offered {
		if d, ok := p.Login.Methods[m].(login.Direct); ok && d.Direct() && !v.Flow.Silent() {
			out = append(out, page.Option{Value: string(m), Label: p.Site.T(lang, "signin.direct."+string(m))})
		}
	}
	return out
}

// lacking says which methods of the list the account does not have. The password was shown,
// so that this tells nobody else anything.
func (p *Pages) lacking(v login.View, lang string) []string {
	var out []string
	for _, m := range v.Offered {
		if m != policy.Password && !slices.Contains(v.Usable, m) {
			out = append(out, p.Site.T(lang, "signin.lacking", p.Site.T(lang, "signin.method."+string(m))))
		}
	}
	return out
}

// code gives the texts of a method whose code is typed.
func (p *Pages) code(m policy.Method, lang string) code {
	text := func(what string) string { return p.Site.T(lang, "signin.code."+string(m)+"."+what) }
	return code{Title: text("title"), Lead: text("lead"), Label: text("label"), Help: text("help"), Note: text("note")}
}

// others are the factors that the challenge could use instead, for example other numbers.
func others(p *login.Pending) (out []page.Option) {
	if p == nil {
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(p.Show)) {
		if id, ok := strings.CutPrefix(key, login.ShowOther); ok {
			out = append(out, page.Option{Value: id, Label: p.Show[key]})
		}
	}
	return out
}
