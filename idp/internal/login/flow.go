package login

import (
	"net/url"
	"strings"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/consent"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/proto/kit/fault"
)

// TTL is how long a person may take for one sign-in, enrolment of a first phone and a mailed
// link on the way included.
const TTL = time.Hour

// Pending is one challenge under way.
type Pending struct {
	Method    policy.Method     `json:"method"`
	ID        string            `json:"id"`
	ExpiresAt time.Time         `json:"expires"`
	Show      map[string]string `json:"show,omitempty"`   // what the page shows, for example "number"
	Direct    bool              `json:"direct,omitempty"` // begun before anybody was named
}

// Flow is one sign-in under way in one browser. It is changed only by compare-and-swap.
type Flow struct {
	ID      string          `json:"id"`
	Version int64           `json:"version"` // raised by each change
	Request Request         `json:"request"`
	Browser string          `json:"browser"`           // digest of the binding cookie
	Email   string          `json:"email,omitempty"`   // as typed; or the address of the account that is known already
	Account ident.AccountID `json:"account,omitempty"` // "" until somebody known is named; pages must not show the difference
	// Named counts how often somebody was named. What was begun for one naming (a challenge, a
	// password under way, a session) counts for no other.
	Named     int  `json:"named,omitempty"`
	AlwaysMFA bool `json:"always_mfa,omitempty"` // the account's own wish
	Guarded   bool `json:"guarded,omitempty"`    // the account has, or had, a second factor
	Adaptive  bool `json:"adaptive,omitempty"`   // the account's wish that the app may stand for the password
	Details   bool `json:"details,omitempty"`    // the account's wish to see its own details after signing in
	Reviewed  bool `json:"reviewed,omitempty"`   // it saw them
	// Agreed is what the person decided about what the service is told; nil: nothing yet.
	Agreed *consent.Agreement `json:"agreed,omitempty"`
	// Session is the living session that the flow goes on from; its proofs count while it lives.
	Session string         `json:"session,omitempty"`
	Carried []policy.Proof `json:"carried,omitempty"`
	Proofs  []policy.Proof `json:"proofs,omitempty"` // shown in this flow
	Method  policy.Method  `json:"method,omitempty"` // chosen verification method
	Factor  string         `json:"factor,omitempty"` // chosen one of several of the method
	Pending *Pending       `json:"pending,omitempty"`
	Failed  string         `json:"failed,omitempty"` // how the last challenge ended: denied, expired
	Refused string         `json:"refused,omitempty"`
	Claim   string         `json:"claim,omitempty"` // id of the session that this flow makes, drawn once
	SID     string         `json:"sid,omitempty"`   // set when finished
	Begun   time.Time      `json:"begun"`
}

// All gives the proofs that count.
func (f *Flow) All() []policy.Proof {
	return append(append([]policy.Proof{}, f.Carried...), f.Proofs...)
}

// finished reports whether the flow has its outcome.
func (f *Flow) finished() bool { return f.SID != "" || f.Refused != "" }

// name says who signs in, instead of anybody named before.
func (f *Flow) name(acc account.Account) {
	f.undo(Identify)
	f.Email, f.Account, f.AlwaysMFA, f.Guarded, f.Details, f.Adaptive = acc.Email, acc.ID, acc.AlwaysMFA, acc.Guarded, acc.ShowDetails, acc.Adaptive
}

// undo forgets the answers to a step and to all later ones, for the way back.
func (f *Flow) undo(from Step) {
	for _, r := range ladder[place(from):] {
		if r.undo != nil {
			r.undo(f)
		}
	}
}

// requirement is what this sign-in has to reach: what was asked, raised by the person's own
// "always two factors", and no more than the floor for a person who chose "Password" alone.
func (f *Flow) requirement() policy.Requirement {
	req := f.Request.Requirement
	if f.AlwaysMFA {
		req = req.Strengthen(policy.Medium)
	}
	switch {
	case f.Method == policy.Password:
		req.Wanted = req.Floor
	case f.Method != "":
		req.Wanted = req.Wanted.Join(policy.Strength{Level: policy.Medium})
	}
	return req
}

// accepted is what the verification methods of the drop-down must be good for: what the
// service accepts, whatever the account has or wants, so that the list tells nothing of the
// account. Only after the password does the person's own "always two factors" shorten it.
func (f *Flow) accepted() policy.Requirement {
	req := f.Request.Requirement
	switch f.Request.Kind {
	case KindRecover:
		return f.recovering()
	case KindLost:
		return f.losing()
	}
	if f.AlwaysMFA && f.shown(policy.Password) {
		req = req.Strengthen(policy.Medium)
	}
	return req
}

// recovering is what a recovery asks for: a second factor, or a code for a lost one, shown in
// this flow; nothing that a session holds counts there.
func (f *Flow) recovering() policy.Requirement {
	req := policy.AtLeast(policy.Medium, -1)
	req.Since, req.Recovery = f.Begun, true
	return req
}

// losing is what giving up a lost factor asks for: the password, typed in this flow, whatever
// the person wants of other sign-ins.
func (f *Flow) losing() policy.Requirement {
	req := policy.AtLeast(policy.Basic, -1)
	req.Since = f.Begun
	return req
}

// Silent reports whether the flow signs nobody in.
func (f *Flow) Silent() bool { return f.Request.Kind == KindRecover || f.Request.Kind == KindLost }

// Shows reports whether the person wants to see the account's details after this sign-in.
func (f *Flow) Shows() bool { return f.Details && !f.Silent() && len(f.Proofs) > 0 }

// shown reports whether a proof by this method is there, of any age.
func (f *Flow) shown(m policy.Method) bool {
	for _, p := range f.All() {
		if p.Method == m {
			return true
		}
	}
	return false
}

// Return gives where the browser goes when a flow is over.
func (f *Flow) Return() string {
	if f.Request.Kind == KindAccount {
		if f.Refused != "" {
			return "/"
		}
		return f.Request.ReturnURL
	}
	u, err := url.Parse(f.Request.ReturnURL)
	if err != nil {
		return "/"
	}
	q := u.Query()
	q.Set("id", f.ID)
	u.RawQuery = q.Encode()
	return u.String()
}

// ours reports whether an address is a path of this service and of nowhere else.
func ours(path string) bool {
	u, err := url.Parse(path)
	return err == nil && strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") &&
		!strings.ContainsAny(path, "\\\r\n\t") && u.Scheme == "" && u.Host == ""
}

var (
	// ErrUnknown: no such sign-in, or it took too long.
	ErrUnknown = fault.New(fault.Gone, "login.flow_unknown")
	// ErrOtherBrowser: the sign-in was begun elsewhere (security case 2).
	ErrOtherBrowser = fault.New(fault.Denied, "login.other_browser")
	// ErrPast: this step is not allowed now.
	ErrPast = fault.New(fault.Conflict, "login.already_past")
	// ErrUnfinished: the outcome was asked for too early.
	ErrUnfinished = fault.New(fault.Conflict, "login.unfinished")
	// ErrReturn: a caller gave an address that is not a path here; a defect of the caller.
	ErrReturn = fault.New(fault.Internal, "login.return_address")
)
