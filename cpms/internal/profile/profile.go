package profile

import (
	"time"

	"eulogin.example/cpms/internal/network"
	"eulogin.example/proto/kit/fault"
)

// Profile is what a person tells of themselves (domain.md §2.3).
type Profile struct {
	PersonID  string
	Version   int64 // raised by every save; 0: never saved
	UpdatedAt time.Time
	Page1
	Page2
}

// Page1 is "you and your hospital".
type Page1 struct {
	Title             string `json:"title"`
	ProfessionalEmail string `json:"professional_email"`
	Phone             string `json:"phone"`
	Country           string `json:"country"`        // one of network.Countries
	Hospital          string `json:"hospital"`       // id, or network.Unlisted
	HospitalOther     string `json:"hospital_other"` // name and place, with network.Unlisted
	Department        string `json:"department"`
}

// Page2 is "your profession".
type Page2 struct {
	Profession         string   `json:"profession"`
	Specialty          string   `json:"specialty"`
	Register           string   `json:"register"`
	RegistrationNumber string   `json:"registration_number"`
	Affiliation        string   `json:"affiliation"`
	Expertise          string   `json:"expertise"`
	OrphaCodes         string   `json:"orpha_codes"` // as typed; Orpha splits them
	Networks           []string `json:"networks"`    // thematic areas, by slug
	Languages          []string `json:"languages"`
}

// The choices of the profile (domain.md §2.2, §2.3); texts are in the catalogue.
var (
	Professions  = []string{"physician", "nurse", "geneticist", "psychologist", "therapist", "dietitian", "pharmacist", "other"}
	Affiliations = []string{"full_member", "affiliated_partner", "core_network", "supporting_member", "none"}
	Languages    = []string{"bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr", "hu", "it", "lt", "lv", "mt", "nl", "pl", "pt", "ro", "sk", "sl", "sv", "uk"}
)

var (
	// ErrInvalid collects what is wrong, field by field.
	ErrInvalid = fault.New(fault.Invalid, "profile.invalid")
	// ErrChanged says that the profile was saved elsewhere meanwhile.
	ErrChanged = fault.New(fault.Conflict, "profile.changed")
)

// Complete reports whether both pages are; only then can a request be submitted.
func (p Profile) Complete() bool { return p.Page1.Check() == nil && p.Page2.Check() == nil }

// HospitalName gives the name of the hospital for people, "" when none was given.
func (p Page1) HospitalName() string {
	if h, ok := network.HospitalByID(p.Hospital); ok {
		return h.Name
	}
	return p.HospitalOther
}
