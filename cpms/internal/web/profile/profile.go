// Package profile holds the pages "Guest Profile" and "Complete Profile" 1 and 2.
package profile

import (
	"net/http"
	"slices"
	"strconv"

	"eulogin.example/cpms/internal/network"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/profile"
	"eulogin.example/cpms/internal/web/guard"
	"eulogin.example/cpms/internal/web/show"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

// Pages are the pages of the profile.
type Pages struct {
	Site     *page.Site
	Guard    *guard.Guard
	Profiles *profile.Service
	People   person.Store
}

// Mount adds the routes.
func (p *Pages) Mount(mux *http.ServeMux) {
	mux.Handle("GET /profile", p.Site.Handle(p.Guard.Require(p.guest)))
	mux.Handle("GET /profile/versions/{version}", p.Site.Handle(p.Guard.Require(p.version)))
	mux.Handle("GET /profile/1", p.Site.Handle(p.Guard.Require(p.show1)))
	mux.Handle("POST /profile/1", p.Site.Handle(p.Guard.Require(p.save1)))
	mux.Handle("GET /profile/2", p.Site.Handle(p.Guard.Require(p.show2)))
	mux.Handle("POST /profile/2", p.Site.Handle(p.Guard.Require(p.save2)))
}

type guest struct {
	GivenName, FamilyName, Email, LevelKey string
	history
}

func (p *Pages) guest(w http.ResponseWriter, r *http.Request) error {
	v := guard.From(r.Context())
	g := guest{v.Person.GivenName, v.Person.FamilyName, v.Person.Email, "profile.level.basic", history{}}
	if v.Strength().Medium {
		g.LevelKey = "profile.level.medium"
	}
	var err error
	if g.history, err = p.history(r); err != nil {
		return err
	}
	return p.Site.Render(w, r, http.StatusOK, "profile/guest", g)
}

// form is what both pages show.
type form struct {
	Name, Email string
	Version     int64
	Errors      map[string]fault.Message
	Elsewhere   []change // what another window saved meanwhile
}

func (p *Pages) form(r *http.Request, version int64, err error, elsewhere []profile.Change) form {
	v := guard.From(r.Context())
	f := form{Name: v.Person.Name(), Email: v.Person.Email, Version: version}
	if e := fault.As(err); e != nil {
		f.Errors = e.Fields
		if e.Code == profile.ErrChanged.Code {
			f.Elsewhere = p.changes(r, elsewhere)
		}
	}
	return f
}

type page1 struct {
	form
	Form                 profile.Page1
	Countries, Hospitals []page.Option
}

func (p *Pages) show1(w http.ResponseWriter, r *http.Request) error {
	prof, err := p.Profiles.Of(r.Context(), guard.From(r.Context()).Person.ID)
	if err != nil {
		return err
	}
	return p.render1(w, r, http.StatusOK, prof.Page1, prof.Version, nil)
}

func (p *Pages) render1(w http.ResponseWriter, r *http.Request, status int, f profile.Page1, version int64, err error, elsewhere ...profile.Change) error {
	lang := p.Site.Lang(r)
	if version == 0 && f.ProfessionalEmail == "" && r.Method == http.MethodGet {
		f.ProfessionalEmail = guard.From(r.Context()).Person.Email
	}
	return p.Site.Render(w, r, status, "profile/page1", page1{
		form: p.form(r, version, err, elsewhere), Form: f, Countries: show.Countries(p.Site, lang, f.Country),
		Hospitals: show.Hospitals(p.Site, lang, f.Hospital, page.Option{Value: network.Unlisted, Label: p.Site.T(lang, "profile.hospital.none")}),
	})
}

func (p *Pages) save1(w http.ResponseWriter, r *http.Request) error {
	f := profile.Page1{
		Title: r.PostFormValue("title"), ProfessionalEmail: r.PostFormValue("professional_email"), Phone: r.PostFormValue("phone"), Country: r.PostFormValue("country"),
		Hospital: r.PostFormValue("hospital"), HospitalOther: r.PostFormValue("hospital_other"), Department: r.PostFormValue("department"),
	}
	f.Tidy()
	next := r.PostFormValue("go") == "next"
	err := p.Profiles.Save1(r.Context(), guard.From(r.Context()).Person.ID, number(r, "version"), f, next)
	return p.after(w, r, err, f.Fits() == nil, next, "/profile/2", func(status int, version int64, stored profile.Profile) error {
		return p.render1(w, r, status, f, version, err, profile.Changes(f.Fields(), stored.Page1.Fields())...)
	})
}

// after goes on, or shows the form again with what was typed and what is wrong. kept says that
// the draft was kept all the same. A form that another window was faster with comes back with
// what that one saved, and can then be saved over it: nobody overwrites what they have not seen.
func (p *Pages) after(w http.ResponseWriter, r *http.Request, err error, kept, next bool, to string, again func(status int, version int64, stored profile.Profile) error) error {
	conflict := fault.CodeOf(err) == profile.ErrChanged.Code
	if err != nil && (fault.KindOf(err) == fault.Invalid || conflict) {
		stored, perr := p.Profiles.Of(r.Context(), guard.From(r.Context()).Person.ID)
		switch {
		case perr != nil:
			return perr
		case conflict:
			return again(http.StatusConflict, stored.Version, stored)
		case kept:
			return again(http.StatusUnprocessableEntity, stored.Version, stored)
		}
		return again(http.StatusUnprocessableEntity, number(r, "version"), stored)
	}
	if err != nil {
		return err
	}
	if !next {
		to = r.URL.Path
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

type page2 struct {
	form
	Form                                           profile.Page2
	Professions, Affiliations, Networks, Languages []page.Option
}

func (p *Pages) show2(w http.ResponseWriter, r *http.Request) error {
	prof, err := p.Profiles.Of(r.Context(), guard.From(r.Context()).Person.ID)
	if err != nil {
		return err
	}
	return p.render2(w, r, http.StatusOK, prof.Page2, prof.Version, nil)
}

func (p *Pages) render2(w http.ResponseWriter, r *http.Request, status int, f profile.Page2, version int64, err error, elsewhere ...profile.Change) error {
	lang := p.Site.Lang(r)
	d := page2{form: p.form(r, version, err, elsewhere), Form: f}
	d.Professions = p.choices(lang, "profession.", profile.Professions, f.Profession)
	d.Affiliations = p.choices(lang, "affiliation.", profile.Affiliations, f.Affiliation)
	for _, n := range network.All() {
		d.Networks = append(d.Networks, page.Option{Value: n.Slug, Label: n.Code, Selected: slices.Contains(f.Networks, n.Slug)})
	}
	for _, l := range profile.Languages {
		d.Languages = append(d.Languages, page.Option{Value: l, Label: p.Site.T(lang, "language."+l), Selected: slices.Contains(f.Languages, l)})
	}
	return p.Site.Render(w, r, status, "profile/page2", d)
}

func (p *Pages) choices(lang, prefix string, values []string, chosen string) []page.Option {
	out := []page.Option{{Label: p.Site.T(lang, "profile.choose"), Selected: chosen == ""}}
	for _, v := range values {
		out = append(out, page.Option{Value: v, Label: p.Site.T(lang, prefix+v), Selected: v == chosen})
	}
	return out
}

func (p *Pages) save2(w http.ResponseWriter, r *http.Request) error {
	_ = r.ParseForm()
	f := profile.Page2{
		Profession: r.PostFormValue("profession"), Specialty: r.PostFormValue("specialty"), Register: r.PostFormValue("register"), RegistrationNumber: r.PostFormValue("registration_number"),
		Affiliation: r.PostFormValue("affiliation"), Expertise: r.PostFormValue("expertise"), OrphaCodes: r.PostFormValue("orpha_codes"), Networks: r.PostForm["networks"], Languages: r.PostForm["languages"],
	}
	f.Tidy()
	done := r.PostFormValue("go") == "done"
	err := p.Profiles.Save2(r.Context(), guard.From(r.Context()).Person.ID, number(r, "version"), f, done)
	return p.after(w, r, err, f.Fits() == nil, done, "/screen/home", func(status int, version int64, stored profile.Profile) error {
		return p.render2(w, r, status, f, version, err, profile.Changes(f.Fields(), stored.Page2.Fields())...)
	})
}

func number(r *http.Request, field string) int64 {
	n, _ := strconv.ParseInt(r.PostFormValue(field), 10, 64)
	return n
}
