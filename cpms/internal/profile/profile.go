// Package profile is the two-page profile of a person: drafts, and what makes it complete.
// It holds no patient data and nothing that comes from idp.
package profile

import (
	"context"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"eulogin.example/cpms/internal/network"
	"eulogin.example/proto/kit/fault"
)

// Profile is what a person tells of themselves.
type Profile struct {
	PersonID  string
	Version   int64 // 0: never saved
	UpdatedAt time.Time
	Page1
	Page2
}

// Page1 is "you and your hospital".
type Page1 struct {
	Title             string `json:"title"`
	ProfessionalEmail string `json:"professional_email"`
	Phone             string `json:"phone"`
	Country           string `json:"country"`
	Hospital          string `json:"hospital"` // id, or network.Unlisted
	HospitalOther     string `json:"hospital_other"`
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
	OrphaCodes         string   `json:"orpha_codes"`
	Networks           []string `json:"networks"`
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

// Hospital gives the name of the hospital for people.
func (p Page1) HospitalName() string {
	if h, ok := network.HospitalByID(p.Hospital); ok {
		return h.Name
	}
	return p.HospitalOther
}

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

// limits is the longest text of each field, in characters.
const (
	short = 100
	long  = 2000
)

var phoneShape = regexp.MustCompile(`^\+[0-9][0-9 ()./-]{5,24}$`)

// Check reports everything that keeps page 1 from being complete. A draft may be saved as
// long as Fits finds nothing.
func (p Page1) Check() error {
	e := p.fits(ErrInvalid)
	if p.ProfessionalEmail == "" {
		e = e.WithField("professional_email", "profile.required")
	}
	if p.Country == "" {
		e = e.WithField("country", "profile.required")
	}
	switch {
	case p.Hospital == "":
		e = e.WithField("hospital", "profile.required")
	case p.Hospital == network.Unlisted && utf8.RuneCountInString(p.HospitalOther) < 5:
		e = e.WithField("hospital_other", "profile.hospital_other.required")
	}
	return e.Or()
}

// Fits reports what cannot even be kept as a draft: too long, or not of its kind.
func (p Page1) Fits() error { return p.fits(ErrInvalid).Or() }

func (p Page1) fits(e *fault.Error) *fault.Error {
	for name, v := range map[string]string{"title": p.Title, "department": p.Department, "hospital_other": p.HospitalOther} {
		if !plain(v, short) {
			e = e.WithField(name, "profile.text", short)
		}
	}
	if a, err := mail.ParseAddress(p.ProfessionalEmail); p.ProfessionalEmail != "" && (err != nil || a.Address != p.ProfessionalEmail || len(p.ProfessionalEmail) > 254) {
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

// orphaShape is one ORPHA code: up to seven digits.
var orphaShape = regexp.MustCompile(`^[0-9]{1,7}$`)

// Check reports everything that keeps page 2 from being complete.
func (p Page2) Check() error {
	e := p.fits(ErrInvalid)
	for name, v := range map[string]string{"profession": p.Profession, "specialty": p.Specialty, "affiliation": p.Affiliation} {
		if v == "" {
			e = e.WithField(name, "profile.required")
		}
	}
	return e.Or()
}

// Fits reports what cannot even be kept as a draft.
func (p Page2) Fits() error { return p.fits(ErrInvalid).Or() }

func (p Page2) fits(e *fault.Error) *fault.Error {
	for name, v := range map[string]string{"specialty": p.Specialty, "register": p.Register, "registration_number": p.RegistrationNumber} {
		if !plain(v, short) {
			e = e.WithField(name, "profile.text", short)
		}
	}
	if utf8.RuneCountInString(p.Expertise) > long {
		e = e.WithField("expertise", "profile.text", long)
	}
	if codes, ok := Orpha(p.OrphaCodes); !ok || len(codes) > 50 {
		e = e.WithField("orpha_codes", "profile.orpha.malformed")
	}
	choices := []struct {
		name      string
		of        []string
		out       []string
		mayBeNone bool
	}{
		{"profession", Professions, []string{p.Profession}, true}, {"affiliation", Affiliations, []string{p.Affiliation}, true},
		{"networks", slugs(), p.Networks, false}, {"languages", Languages, p.Languages, false},
	}
	for _, c := range choices {
		if slices.ContainsFunc(c.out, func(v string) bool { return !slices.Contains(c.of, v) && !(v == "" && c.mayBeNone) }) {
			e = e.WithField(c.name, "profile.choice")
		}
	}
	return e
}

// Orpha splits typed ORPHA codes; false when one is none.
func Orpha(typed string) ([]string, bool) {
	var out []string
	for _, f := range strings.FieldsFunc(typed, func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == ';' }) {
		f = strings.TrimPrefix(strings.ToUpper(f), "ORPHA:")
		if !orphaShape.MatchString(f) {
			return nil, false
		}
		out = append(out, f)
	}
	return out, true
}

// Complete reports whether both pages are.
func (p Profile) Complete() bool { return p.Page1.Check() == nil && p.Page2.Check() == nil }

// plain reports whether a text of one line fits.
func plain(s string, most int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= most && !strings.ContainsFunc(s, unicode.IsControl)
}

func slugs() (out []string) {
	for _, n := range network.All() {
		out = append(out, n.Slug)
	}
	return out
}

// Store keeps profiles.
type Store interface {
	// ProfileOf gives the zero profile when none was saved.
	ProfileOf(ctx context.Context, personID string) (Profile, error)
	// SaveProfile stores p if the stored version is p.Version (ErrChanged), and raises it.
	SaveProfile(ctx context.Context, at time.Time, p Profile) error
}

// Service saves drafts.
type Service struct {
	Store Store
	Now   func() time.Time
}

// Of gives a person's profile.
func (s *Service) Of(ctx context.Context, personID string) (Profile, error) {
	p, err := s.Store.ProfileOf(ctx, personID)
	p.PersonID = personID
	return p, err
}

// Save1 saves page 1 as it stands, if it fits, and then says what is missing when whole is
// asked for.
func (s *Service) Save1(ctx context.Context, personID string, version int64, page Page1, whole bool) error {
	page.Tidy()
	if err := page.Fits(); err != nil {
		return err
	}
	if err := s.save(ctx, personID, version, func(p *Profile) { p.Page1 = page }); err != nil || !whole {
		return err
	}
	return page.Check()
}

// Save2 saves page 2 likewise.
func (s *Service) Save2(ctx context.Context, personID string, version int64, page Page2, whole bool) error {
	page.Tidy()
	if err := page.Fits(); err != nil {
		return err
	}
	if err := s.save(ctx, personID, version, func(p *Profile) { p.Page2 = page }); err != nil || !whole {
		return err
	}
	return page.Check()
}

func (s *Service) save(ctx context.Context, personID string, version int64, change func(*Profile)) error {
	p, err := s.Of(ctx, personID)
	if err != nil {
		return err
	}
	if p.Version != version {
		return ErrChanged
	}
	change(&p)
	return s.Store.SaveProfile(ctx, s.Now(), p)
}
