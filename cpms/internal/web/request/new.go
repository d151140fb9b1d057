package request

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/network"
	"eulogin.example/cpms/internal/web/guard"
	"eulogin.example/cpms/internal/web/show"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

// blocked says why the request cannot be submitted now, and where to go instead, if anywhere.
type blocked struct{ Title, Text, Link string }

type newForm struct {
	ID                                    string
	Version                               int64
	Form                                  fields
	Errors                                map[string]fault.Message
	Blocked                               *blocked
	Networks, Countries, Hospitals, Roles []page.Option
	Edition                               string    // of the terms, that a tick stands beside
	Accepted                              time.Time // when that edition was, zero when it was not
}

// fields are what the person typed, as typed.
type fields struct {
	Justification, SponsorName, SponsorEmail, DurationDays string
	Declaration, Terms                                     bool
}

// form shows a draft (?id=), or a new one filled from the profile.
func (p *Pages) form(w http.ResponseWriter, r *http.Request) error {
	v := guard.From(r.Context())
	q := access.Request{}
	if id := r.URL.Query().Get("id"); id != "" {
		stored, err := p.Access.Own(r.Context(), v.Person, id)
		if err != nil {
			return err
		}
		if stored.State != access.Draft {
			http.Redirect(w, r, "/request/"+id, http.StatusSeeOther)
			return nil
		}
		q = stored
	} else {
		prof, err := p.Profiles.Of(r.Context(), v.Person.ID)
		if err != nil {
			return err
		}
		q.Country = prof.Country
		if prof.Hospital != network.Unlisted {
			q.Hospital = prof.Hospital
		}
	}
	return p.render(w, r, http.StatusOK, q, days(q.DurationDays), nil)
}

// openRequest is where the request is that stands in the way; of two that raced it is not known.
func openRequest(args []any) string {
	if len(args) == 0 {
		return "/screen/home"
	}
	return fmt.Sprintf("/request/%v", args[0])
}

func days(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func (p *Pages) render(w http.ResponseWriter, r *http.Request, status int, q access.Request, duration string, err error) error {
	lang := p.Site.Lang(r)
	d := newForm{ID: q.ID, Version: q.Version, Form: fields{q.Justification, q.SponsorName, q.SponsorEmail, duration, q.Declaration, q.Terms}}
	if e := fault.As(err); e != nil {
		d.Errors = e.Fields
		if e.Code == access.ErrProfile.Code {
			d.Blocked = &blocked{Title: "request.blocked.profile.title", Text: "request.blocked.profile.text"}
		}
		if e.Code == access.ErrDuplicate.Code {
			d.Blocked = &blocked{"error.request.duplicate.title", "error.request.duplicate.text", openRequest(e.Args)}
		}
	}
	edition, accepted, _, terr := p.Access.Terms(r.Context(), guard.From(r.Context()).Person)
	if terr != nil {
		return terr
	}
	d.Edition, d.Accepted, d.Form.Terms = edition.ID, accepted.At, q.Terms && q.TermsVersion == edition.ID
	d.Networks = []page.Option{{Label: p.Site.T(lang, "profile.choose"), Selected: q.Network == ""}}
	for _, n := range network.All() {
		d.Networks = append(d.Networks, page.Option{Value: n.Slug, Label: n.Name(), Selected: n.Slug == q.Network})
	}
	d.Countries = show.Countries(p.Site, lang, q.Country)
	d.Hospitals = show.Hospitals(p.Site, lang, q.Hospital, page.Option{Value: network.Guest, Label: p.Site.T(lang, "request.hospital.guest")})
	for _, role := range access.Roles {
		d.Roles = append(d.Roles, page.Option{Value: role, Label: p.Site.T(lang, "role."+role), Help: p.Site.T(lang, "role."+role+".help"), Selected: role == q.Role})
	}
	return p.Site.Render(w, r, status, "request/new", d)
}

// typed reads the form.
func typed(r *http.Request) (access.Request, string) {
	duration := r.PostFormValue("duration_days")
	n, err := strconv.Atoi(duration)
	if duration != "" && err != nil {
		n = -1
	}
	version, _ := strconv.ParseInt(r.PostFormValue("version"), 10, 64)
	return access.Request{
		ID: r.PostFormValue("id"), Version: version, Network: r.PostFormValue("network"), Country: r.PostFormValue("country"), Hospital: r.PostFormValue("hospital"),
		Role: r.PostFormValue("role"), Justification: r.PostFormValue("justification"), SponsorName: r.PostFormValue("sponsor_name"), SponsorEmail: r.PostFormValue("sponsor_email"),
		DurationDays: n, Declaration: r.PostFormValue("declaration") == "on", Terms: r.PostFormValue("terms") == "on", TermsVersion: r.PostFormValue("terms_edition"),
	}, duration
}

// submit keeps the draft or submits. When the sign-in is not fresh enough the draft is kept
// and the person comes back to it after the step-up.
func (p *Pages) submit(w http.ResponseWriter, r *http.Request) error {
	v := guard.From(r.Context())
	q, duration := typed(r)
	if r.PostFormValue("go") != "submit" {
		saved, err := p.Access.SaveDraft(r.Context(), v.Person, q)
		if fault.KindOf(err) == fault.Invalid && err != nil {
			return p.render(w, r, http.StatusUnprocessableEntity, q, duration, err)
		}
		if err != nil {
			return err
		}
		return to(w, r, "/request/new?id="+saved.ID)
	}
	prof, err := p.Profiles.Of(r.Context(), v.Person.ID)
	if err != nil {
		return err
	}
	done, err := p.Access.Submit(r.Context(), v.Person, q, prof.Complete(), v.Strength(), v.Session.ACR)
	switch {
	case err == nil:
		return to(w, r, "/request/"+done.ID+"?notice=submitted")
	case fault.CodeOf(err) == access.ErrLevel.Code:
		return p.Guard.StepUp(w, r, "/request/new?id="+done.ID)
	case fault.CodeOf(err) == access.ErrDuplicate.Code && done.ID != "":
		return p.render(w, r, http.StatusConflict, done, duration, err)
	case fault.KindOf(err) == fault.Invalid:
		if done.ID == "" {
			done = q
		}
		return p.render(w, r, http.StatusUnprocessableEntity, done, duration, err)
	}
	return err
}
