package profile

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"eulogin.example/cpms/internal/network"
	"eulogin.example/cpms/internal/plain"
	"eulogin.example/proto/kit/fault"
)

// The longest texts, in characters, and the shortest name of an unlisted hospital.
const (
	LineMax       = 100
	ExpertiseMax  = 2000
	UnlistedMin   = 5
	orphaCodesMax = 50 // ORPHA codes, not characters
)

// phoneShape is a number as people write it, with its country code (E.123 §2).
var phoneShape = regexp.MustCompile(`^\+[0-9][0-9 ()./-]{5,24}$`)

// Tidy trims every field.
func (p *Page1) Tidy() {
	for _, f := range []*string{&p.Title, &p.ProfessionalEmail, &p.Phone, &p.Country, &p.Hospital, &p.HospitalOther, &p.Department} {
		*f = strings.TrimSpace(*f)
	}
}

// Tidy trims every field.
func (p *Page2) Tidy() {
	for _, f := range []*string{&p.Profession, &p.Specialty, &p.Register, &p.RegistrationNumber, &p.Affiliation, &p.Expertise, &p.OrphaCodes} {
		*f = strings.TrimSpace(*f)
	}
}

// Fits reports what cannot even be kept as a draft: too long, or not of its kind.
func (p Page1) Fits() error { return p.fits(ErrInvalid).Or() }

// Check reports everything that keeps page 1 from being complete.
func (p Page1) Check() error {
	e := p.fits(ErrInvalid)
	if p.ProfessionalEmail == "" {
		e = e.WithField("professional_email", "profile.required")
	}
	if p.Country == "" {
		e = e.WithField("country", "profile.required")
	}
	h, listed := network.HospitalByID(p.Hospital)
	switch {
	case p.Hospital == "":
		e = e.WithField("hospital", "profile.required")
	case p.Hospital == network.Unlisted && utf8.RuneCountInString(p.HospitalOther) < UnlistedMin:
		e = e.WithField("hospital_other", "profile.hospital_other.required")
	case listed && network.IsCountry(p.Country) && h.Country != p.Country:
		e = e.WithField("hospital", "request.hospital.country")
	}
	return e.Or()
}

func (p Page1) fits(e *fault.Error) *fault.Error {
	e = lines(e, map[string]string{"title": p.Title, "department": p.Department, "hospital_other": p.HospitalOther})
	if p.ProfessionalEmail != "" && !plain.Email(p.ProfessionalEmail) {
		e = e.WithField("professional_email", "profile.email.malformed")
	}
	if p.Phone != "" && !phoneShape.MatchString(p.Phone) {
		e = e.WithField("phone", "profile.phone.malformed")
	}
	if p.Country != "" && !network.IsCountry(p.Country) {
		e = e.WithField("country", "profile.choice")
	}
	if _, ok := network.HospitalByID(p.Hospital); p.Hospital != "" && p.Hospital != network.Unlisted && !ok {
		e = e.WithField("hospital", "profile.choice")
	}
	return e
}

// Fits reports what cannot even be kept as a draft.
func (p Page2) Fits() error { return p.fits(ErrInvalid).Or() }

// Check reports everything that keeps page 2 from being complete. A registration number says
// something only together with its register.
func (p Page2) Check() error {
	e := p.fits(ErrInvalid)
	required := map[string]string{"profession": p.Profession, "specialty": p.Specialty, "affiliation": p.Affiliation}
	if p.Register != "" || p.RegistrationNumber != "" {
		required["register"], required["registration_number"] = p.Register, p.RegistrationNumber
	}
	for name, v := range required {
		if v == "" {
			e = e.WithField(name, "profile.required")
		}
	}
	return e.Or()
}

func (p Page2) fits(e *fault.Error) *fault.Error {
	e = lines(e, map[string]string{"specialty": p.Specialty, "register": p.Register, "registration_number": p.RegistrationNumber})
	if !plain.Text(p.Expertise, ExpertiseMax) {
		e = e.WithField("expertise", "profile.text", ExpertiseMax)
	}
	if codes, ok := Orpha(p.OrphaCodes); !ok || len(codes) > orphaCodesMax {
		e = e.WithField("orpha_codes", "profile.orpha.malformed")
	}
	if p.Profession != "" && !slices.Contains(Professions, p.Profession) {
		e = e.WithField("profession", "profile.choice")
	}
	if p.Affiliation != "" && !slices.Contains(Affiliations, p.Affiliation) {
		e = e.WithField("affiliation", "profile.choice")
	}
	if !among(p.Networks, func(slug string) bool { _, ok := network.BySlug(slug); return ok }) {
		e = e.WithField("networks", "profile.choice")
	}
	if !among(p.Languages, func(l string) bool { return slices.Contains(Languages, l) }) {
		e = e.WithField("languages", "profile.choice")
	}
	return e
}

func lines(e *fault.Error, fields map[string]string) *fault.Error {
	for name, v := range fields {
		if !plain.Line(v, LineMax) {
			e = e.WithField(name, "profile.text", LineMax)
		}
	}
	return e
}

// among reports whether every value is known and none stands twice.
func among(values []string, known func(string) bool) bool {
	for i, v := range values {
		if !known(v) || slices.Contains(values[:i], v) {
			return false
		}
	}
	return true
}
