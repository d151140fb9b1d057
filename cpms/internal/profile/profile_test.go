package profile

import (
	"strings"
	"testing"

	"eulogin.example/proto/kit/fault"
)

func whole1() Page1 {
	return Page1{ProfessionalEmail: "anna@hospital.example", Country: "DE", Hospital: "de-02"}
}

func whole2() Page2 {
	return Page2{Profession: "physician", Specialty: "ophthalmology", Affiliation: "full_member"}
}

// wrong gives the fields that an error names.
func wrong(err error) map[string]fault.Message {
	if err == nil {
		return nil
	}
	return fault.As(err).Fields
}

func TestPage1(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*Page1)
		field  string // that Check names; "" none
		draft  bool   // may be kept all the same
	}{
		"whole":                  {func(*Page1) {}, "", true},
		"everything":             {func(p *Page1) { p.Title, p.Phone, p.Department = "Prof. Dr", "+49 761 270-0", "Augenklinik" }, "", true},
		"not listed":             {func(p *Page1) { p.Hospital, p.HospitalOther = "not-listed", "Clinic, Town" }, "", true},
		"not listed, not named":  {func(p *Page1) { p.Hospital = "not-listed" }, "hospital_other", true},
		"not listed, four signs": {func(p *Page1) { p.Hospital, p.HospitalOther = "not-listed", "CHUX" }, "hospital_other", true},
		"no hospital":            {func(p *Page1) { p.Hospital = "" }, "hospital", true},
		"unknown hospital":       {func(p *Page1) { p.Hospital = "zz-99" }, "hospital", false},
		"in another country":     {func(p *Page1) { p.Country = "FR" }, "hospital", true},
		"no country":             {func(p *Page1) { p.Country = "" }, "country", true},
		"unknown country":        {func(p *Page1) { p.Country = "XX" }, "country", false},
		"no address":             {func(p *Page1) { p.ProfessionalEmail = "" }, "professional_email", true},
		"two addresses":          {func(p *Page1) { p.ProfessionalEmail = "a@b.eu,c@d.eu" }, "professional_email", false},
		"header in the address":  {func(p *Page1) { p.ProfessionalEmail = "a@b.eu\r\nBcc: c@d.eu" }, "professional_email", false},
		"number without +":       {func(p *Page1) { p.Phone = "0761 2700" }, "phone", false},
		"101 characters":         {func(p *Page1) { p.Title = strings.Repeat("é", 101) }, "title", false},
		"100 characters":         {func(p *Page1) { p.Title = strings.Repeat("é", 100) }, "", true},
		"two lines":              {func(p *Page1) { p.Department = "Eyes\nEars" }, "department", false},
		"NUL":                    {func(p *Page1) { p.HospitalOther = "a\x00b" }, "hospital_other", false},
	} {
		p := whole1()
		tt.change(&p)
		if got := wrong(p.Check()); (tt.field == "") != (len(got) == 0) || tt.field != "" && (got[tt.field].Key == "" || len(got) != 1) {
			t.Errorf("%s: Check names %v", name, got)
		}
		if err := p.Fits(); (err == nil) != tt.draft {
			t.Errorf("%s: as a draft: %v", name, err)
		}
	}
}

func TestPage2(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*Page2)
		field  string
		draft  bool
	}{
		"whole":                     {func(*Page2) {}, "", true},
		"registered":                {func(p *Page2) { p.Register, p.RegistrationNumber = "Ärztekammer", "AB/12-3" }, "", true},
		"a number of no register":   {func(p *Page2) { p.RegistrationNumber = "123" }, "register", true},
		"a register with no number": {func(p *Page2) { p.Register = "RIZIV" }, "registration_number", true},
		"no profession":             {func(p *Page2) { p.Profession = "" }, "profession", true},
		"unknown profession":        {func(p *Page2) { p.Profession = "wizard" }, "profession", false},
		"no specialty":              {func(p *Page2) { p.Specialty = "" }, "specialty", true},
		"no affiliation":            {func(p *Page2) { p.Affiliation = "" }, "affiliation", true},
		"unknown affiliation":       {func(p *Page2) { p.Affiliation = "x" }, "affiliation", false},
		"unknown network":           {func(p *Page2) { p.Networks = []string{"ern-eye", "ern-x"} }, "networks", false},
		"a network twice":           {func(p *Page2) { p.Networks = []string{"ern-eye", "ern-eye"} }, "networks", false},
		"unknown language":          {func(p *Page2) { p.Languages = []string{"tlh"} }, "languages", false},
		"several lines":             {func(p *Page2) { p.Expertise = "Retina\nand its dystrophies" }, "", true},
		"2001 characters":           {func(p *Page2) { p.Expertise = strings.Repeat("x", 2001) }, "expertise", false},
		"NUL":                       {func(p *Page2) { p.Expertise = "a\x00" }, "expertise", false},
		"not an ORPHA code":         {func(p *Page2) { p.OrphaCodes = "791, retina" }, "orpha_codes", false},
		"51 codes":                  {func(p *Page2) { p.OrphaCodes = strings.Repeat("791 ", 51) }, "orpha_codes", false},
	} {
		p := whole2()
		tt.change(&p)
		if got := wrong(p.Check()); (tt.field == "") != (len(got) == 0) || tt.field != "" && (got[tt.field].Key == "" || len(got) != 1) {
			t.Errorf("%s: Check names %v", name, got)
		}
		if err := p.Fits(); (err == nil) != tt.draft {
			t.Errorf("%s: as a draft: %v", name, err)
		}
	}
}

func TestAllFaultsAtOnce(t *testing.T) {
	one := wrong(Page1{Phone: "0470", Country: "XX", Hospital: "zz-99", ProfessionalEmail: "a b"}.Check())
	two := wrong(Page2{Profession: "wizard", Networks: []string{"ern-x"}, Languages: []string{"tlh"}, OrphaCodes: "x", Expertise: strings.Repeat("x", 2001)}.Check())
	if len(one) != 4 || len(two) != 7 {
		t.Errorf("%v\n%v", one, two)
	}
	if len(ErrInvalid.Fields) != 0 {
		t.Error("the sentinel keeps somebody's faults")
	}
}

func TestComplete(t *testing.T) {
	if !(Profile{Page1: whole1(), Page2: whole2()}).Complete() || (Profile{Page1: whole1()}).Complete() || (Profile{Page2: whole2()}).Complete() {
		t.Error("complete means both pages")
	}
	if whole1().HospitalName() != "Universitätsklinikum Freiburg" || (Page1{Hospital: "not-listed", HospitalOther: "Clinic"}).HospitalName() != "Clinic" {
		t.Error("the hospital's name")
	}
}
