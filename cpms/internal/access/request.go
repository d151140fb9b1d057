package access

import (
	"time"

	"eulogin.example/cpms/internal/network"
	"eulogin.example/proto/kit/fault"
)

// Roles that can be asked for (domain.md §2.2). COORDINATOR decides about others; it can be
// given by an operator too.
const (
	HP         = "HP"
	GuestUser  = "GUEST_USER"
	Dispatcher = "DISPATCHER"
	Researcher = "RESEARCHER"

	CoordinatorRole = "COORDINATOR"
	AllNetworks     = "*"
)

// Roles is the order in which pages show them.
var Roles = []string{HP, GuestUser, Dispatcher, Researcher, CoordinatorRole}

// The limits of a request.
const (
	Target           = 24 * time.Hour // from submission until a decision is expected; shown to both sides
	GuestDays        = 90             // the longest guest access (domain.md row 34)
	MemberDays       = 365            // after which a member confirms the access again (row 36)
	JustificationMin = 50
	TextMax          = 2000 // characters of a justification, question, answer or reason
	NameMax          = 100  // characters of a sponsor's name
)

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
	TermsVersion              string // edition of the terms that Terms stands beside
	Assurance                 int    // identity assurance at submission
	ACR                       string // strength of the sign-in at submission
	CreatedAt, UpdatedAt      time.Time
	SubmittedAt, DecidedAt    time.Time
	DecidedBy                 string
	Version                   int64 // raised by every change; 0: not stored yet
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

// hospital finds a hospital of the list.
func hospital(id string) (network.Hospital, bool) { return network.HospitalByID(id) }
