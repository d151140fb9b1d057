package desk

import (
	"net/http"
	"strconv"
	"strings"

	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/signin"
)

func (p *Pages) facts(r *http.Request, q file) (out []factLine) {
	lang, prof, level := p.Site.Lang(r), q.profile, "profile.level.basic"
	if signin.Reaches(q.ACR, signin.ACRMedium) {
		level = "profile.level.medium"
	}
	for _, f := range []factLine{
		{"desk.who.name", strings.TrimSpace(prof.Title + " " + q.who.Name())}, {"desk.who.email", q.who.Email}, {"desk.who.professional_email", prof.ProfessionalEmail},
		{"desk.who.profession", p.text(lang, "profession.", prof.Profession)}, {"desk.who.specialty", prof.Specialty},
		{"desk.who.registration", strings.Trim(prof.Register+" "+prof.RegistrationNumber, " ")}, {"desk.who.hospital", prof.HospitalName()},
		{"desk.who.assurance", p.Site.T(lang, "assurance."+strconv.Itoa(q.Assurance))}, {"desk.who.level", p.Site.T(lang, level)},
		{"desk.who.method", p.method(lang, q.events)}, {"desk.who.factor", p.Site.T(lang, p.factor(r, q.who))},
	} {
		if f.Value != "" {
			out = append(out, f)
		}
	}
	return out
}

// factor says whether idp knows a second factor of the person right now.
func (p *Pages) factor(r *http.Request, who person.Person) string {
	known, ok := p.Access.KnownForPages(r.Context(), who)
	switch {
	case !ok:
		return "desk.factor.unknown"
	case !known.Active:
		return "desk.factor.closed"
	case known.SecondFactor:
		return "desk.factor.yes"
	}
	return "desk.factor.no"
}

func (p *Pages) text(lang, prefix, value string) string {
	if value == "" {
		return ""
	}
	return p.Site.T(lang, prefix+value)
}
