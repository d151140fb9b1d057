package access

import (
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"eulogin.example/cpms/internal/network"
	"eulogin.example/proto/kit/fault"
)

// Roles that can be asked for (domain.md §2.2), and the one that decides.
const (
	HP         = "HP"
	GuestUser  = "GUEST_USER"
	Dispatcher = "DISPATCHER"
	Researcher = "RESEARCHER"

	CoordinatorRole = "COORDINATOR"
	AllNetworks     = "*"
)

// Roles is the order in which pages show them.
var Roles = []string{HP, GuestUser, Dispatcher, Researcher}

// The limits of a request.
const (
	Target           = 24 * time.Hour // when a decision is expected
	GuestDays        = 90
	MemberDays       = 365 // after which access is confirmed again
	JustificationMin = 50
	textMax          = 2000
)

// TermsVersion is the version of terms and privacy statement that a submission accepts.
const TermsVersion = "2026-11"

// Request is one access request.
type Request struct {
	ID, PersonID              string
	Network, Country          string
	Hospital                  string // id, or network.Guest
	Role                      string
	Justification             string
	SponsorName, SponsorEmail string
	DurationDays              int // guests: 1 to 90
	Declaration, Terms        bool
	State                     State
	Question, Answer, Reason  string
	TermsVersion              string
	Assurance                 int    // identity assurance at submission
	ACR                       string // strength of the sign-in at submission
	CreatedAt, UpdatedAt      time.Time
	SubmittedAt, DecidedAt    time.Time
	DecidedBy                 string
	Version                   int64
}

var (
	// ErrInvalid collects what is wrong with a form, field by field.
	ErrInvalid = fault.New(fault.Invalid, "request.invalid")
	// ErrState says that the command is not allowed in the request's state.
	ErrState = fault.New(fault.Conflict, "request.state")
	// ErrChanged says that the request was changed meanwhile.
	ErrChanged = fault.New(fault.Conflict, "request.changed")
	// ErrDuplicate says that such a request is open already.
	ErrDuplicate = fault.New(fault.Conflict, "request.duplicate")
	// ErrHasAccess says that the person has this access already.
	ErrHasAccess = fault.New(fault.Conflict, "request.has_access")
	// ErrUnknown says that there is no such request, or none that one may see.
	ErrUnknown = fault.New(fault.NotFound, "request.unknown")
	// ErrProfile says that the profile is not complete.
	ErrProfile = fault.New(fault.Invalid, "request.profile_incomplete")
)

// Guest reports whether guest access is asked for.
func (r Request) Guest() bool { return r.Hospital == network.Guest || r.Role == GuestUser }

// Place gives the hospital's name for people, "" for guest access.
func (r Request) Place() string {
	h, _ := network.HospitalByID(r.Hospital)
	return h.Name
}

// Tidy trims every field.
func (r *Request) Tidy() {
	for _, f := range []*string{&r.Network, &r.Country, &r.Hospital, &r.Role, &r.Justification, &r.SponsorName, &r.SponsorEmail} {
		*f = strings.TrimSpace(*f)
	}
}

// Fits reports what cannot even be kept as a draft.
func (r Request) Fits() error { return r.fits(ErrInvalid).Or() }

func (r Request) fits(e *fault.Error) *fault.Error {
	if _, ok := network.BySlug(r.Network); r.Network != "" && !ok {
		e = e.WithField("network", "request.choice")
	}
	if r.Country != "" && !network.IsCountry(r.Country) {
		e = e.WithField("country", "request.choice")
	}
	if _, ok := network.HospitalByID(r.Hospital); r.Hospital != "" && r.Hospital != network.Guest && !ok {
		e = e.WithField("hospital", "request.choice")
	}
	if r.Role != "" && !slices.Contains(Roles, r.Role) {
		e = e.WithField("role", "request.choice")
	}
	if !utf8.ValidString(r.Justification) || utf8.RuneCountInString(r.Justification) > textMax {
		e = e.WithField("justification", "request.too_long", textMax)
	}
	if utf8.RuneCountInString(r.SponsorName) > 100 {
		e = e.WithField("sponsor_name", "request.too_long", 100)
	}
	if a, err := mail.ParseAddress(r.SponsorEmail); r.SponsorEmail != "" && (err != nil || a.Address != r.SponsorEmail || len(r.SponsorEmail) > 254) {
		e = e.WithField("sponsor_email", "request.email.malformed")
	}
	if r.DurationDays < 0 || r.DurationDays > GuestDays {
		e = e.WithField("duration_days", "request.duration.range", GuestDays)
	}
	return e
}

// Check reports everything that keeps the request from being submitted.
func (r Request) Check() error {
	e := r.fits(ErrInvalid)
	for name, v := range map[string]string{"network": r.Network, "country": r.Country, "hospital": r.Hospital, "role": r.Role} {
		if v == "" {
			e = e.WithField(name, "request.required")
		}
	}
	if h, ok := network.HospitalByID(r.Hospital); ok {
		switch {
		case r.Country != "" && h.Country != r.Country:
			e = e.WithField("hospital", "request.hospital.country")
		case r.Network != "" && !slices.Contains(h.Networks, r.Network):
			e = e.WithField("hospital", "request.hospital.not_member")
		case r.Role == GuestUser:
			e = e.WithField("role", "request.role.guest")
		}
	}
	if r.Hospital == network.Guest && r.Role != "" && r.Role != GuestUser {
		e = e.WithField("role", "request.role.guest_only")
	}
	if r.Guest() {
		e = r.checkGuest(e)
	}
	if !r.Declaration {
		e = e.WithField("declaration", "request.declaration.needed")
	}
	if !r.Terms {
		e = e.WithField("terms", "request.terms.needed")
	}
	return e.Or()
}

func (r Request) checkGuest(e *fault.Error) *fault.Error {
	if utf8.RuneCountInString(r.Justification) < JustificationMin {
		e = e.WithField("justification", "request.justification.short", JustificationMin)
	}
	if r.SponsorName == "" {
		e = e.WithField("sponsor_name", "request.required")
	}
	if r.SponsorEmail == "" {
		e = e.WithField("sponsor_email", "request.required")
	}
	if r.DurationDays < 1 {
		e = e.WithField("duration_days", "request.duration.range", GuestDays)
	}
	return e
}
