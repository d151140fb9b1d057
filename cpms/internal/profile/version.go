package profile

import (
	"slices"
	"strings"

	"eulogin.example/proto/kit/fault"
)

// VersionsShown is how many versions one list gives.
const VersionsShown = 20

// Version is a profile as one save made it. UpdatedAt is when, ByID who saved it.
type Version struct {
	Profile
	ByID string
}

// ErrNoVersion says that there is no such version, or none that one may see.
var ErrNoVersion = fault.New(fault.NotFound, "profile.no_version")

// Field is one field of a profile with what stands in it: none, one or several values.
type Field struct {
	Name   string // as in a form
	Values []string
}

// Fields gives what stands in a profile, in the order of its pages.
func (p Profile) Fields() []Field {
	return slices.Concat(p.Page1.Fields(), p.Page2.Fields())
}

// Fields gives what stands on page 1.
func (p Page1) Fields() []Field {
	return []Field{
		of("title", p.Title), of("professional_email", p.ProfessionalEmail), of("phone", p.Phone), of("country", p.Country),
		of("hospital", p.Hospital), of("hospital_other", p.HospitalOther), of("department", p.Department),
	}
}

// Fields gives what stands on page 2.
func (p Page2) Fields() []Field {
	return []Field{
		of("profession", p.Profession), of("specialty", p.Specialty), of("register", p.Register), of("registration_number", p.RegistrationNumber), of("affiliation", p.Affiliation),
		of("expertise", p.Expertise), of("orpha_codes", p.OrphaCodes), of("networks", p.Networks...), of("languages", p.Languages...),
	}
}

func of(name string, values ...string) Field {
	return Field{name, slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })}
}

// Change is a field that differs.
type Change struct {
	Name     string
	From, To []string
}

// Changes gives the fields that differ between two lists of the same fields. In which order
// somebody ticked their networks or languages is no difference.
func Changes(from, to []Field) (out []Change) {
	for i, f := range to {
		if !slices.Equal(slices.Sorted(slices.Values(from[i].Values)), slices.Sorted(slices.Values(f.Values))) {
			out = append(out, Change{f.Name, from[i].Values, f.Values})
		}
	}
	return out
}

// names joins the names of changed fields, for the audit trail, which holds no values.
func names(changes []Change) string {
	var out []string
	for _, c := range changes {
		out = append(out, c.Name)
	}
	return strings.Join(out, " ")
}
