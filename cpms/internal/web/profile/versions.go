package profile

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"eulogin.example/cpms/internal/profile"
	"eulogin.example/cpms/internal/web/guard"
	"eulogin.example/cpms/internal/web/show"
)

// line is one version in the list.
type line struct {
	Number int64
	At     time.Time
	Who    string
	Fields []string // labels of what it changed
}

type history struct {
	Lines []line
	Older int64 // where the next page of the list begins; 0: there is none
}

// history lists the versions of the visitor's own profile, ?before= those before a number.
func (p *Pages) history(r *http.Request) (h history, err error) {
	me := guard.From(r.Context()).Person
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	steps, more, err := p.Profiles.History(r.Context(), me.ID, max(before, 0))
	if err != nil {
		return h, err
	}
	for _, s := range steps {
		who, err := p.People.PersonByID(r.Context(), s.ByID)
		if err != nil {
			return h, err
		}
		l := line{Number: s.Profile.Version, At: s.UpdatedAt, Who: who.Name()}
		for _, c := range s.Changes {
			l.Fields = append(l.Fields, p.Site.T(p.Site.Lang(r), "profile."+c.Name+".label"))
		}
		h.Lines = append(h.Lines, l)
	}
	if more {
		h.Older = h.Lines[len(h.Lines)-1].Number
	}
	return h, nil
}

// change is a field with what stood there and what stands there now, in words.
type change struct {
	Key, From, To string
	Changed       bool
}

type versionPage struct {
	line
	Fields []change
}

// version shows a profile as one save left it, and what that save changed.
func (p *Pages) version(w http.ResponseWriter, r *http.Request) error {
	n, _ := strconv.ParseInt(r.PathValue("version"), 10, 64)
	s, err := p.Profiles.VersionOf(r.Context(), guard.From(r.Context()).Person.ID, n)
	if err != nil {
		return err
	}
	who, err := p.People.PersonByID(r.Context(), s.ByID)
	if err != nil {
		return err
	}
	d := versionPage{line: line{Number: n, At: s.UpdatedAt, Who: who.Name()}}
	changed := map[string]profile.Change{}
	for _, c := range s.Changes {
		changed[c.Name] = c
	}
	for _, f := range s.Profile.Fields() {
		c, did := changed[f.Name]
		d.Fields = append(d.Fields, change{"profile." + f.Name + ".label", p.words(r, f.Name, c.From), p.words(r, f.Name, f.Values), did})
	}
	return p.Site.Render(w, r, http.StatusOK, "profile/version", d)
}

func (p *Pages) changes(r *http.Request, list []profile.Change) (out []change) {
	for _, c := range list {
		out = append(out, change{"profile." + c.Name + ".label", p.words(r, c.Name, c.From), p.words(r, c.Name, c.To), true})
	}
	return out
}

// words writes what stands in a field as the forms show it.
func (p *Pages) words(r *http.Request, field string, values []string) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = show.ProfileWord(p.Site, p.Site.Lang(r), field, v)
	}
	return strings.Join(out, ", ")
}
