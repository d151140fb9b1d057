package phone

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"time"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// A sign-in request lives two minutes and admits three wrong numbers (domain.md row 7).
const (
	PushFor     = 2 * time.Minute
	NumberTries = 3
	// pushKept is how long a decided request stays readable for the waiting browser.
	pushKept = 5 * time.Minute
)

// Names of the limits that pushes count under, in the table of package limit.
const (
	LimitPerLogin   = "push.login"
	LimitPerAccount = "push.account"
)

// State of a sign-in request, as the waiting browser sees it.
type State string

// The states; all but Pending are final.
const (
	Pending  State = "pending"
	Approved State = "approved"
	Denied   State = "denied"
	Expired  State = "expired" // two minutes over, three wrong numbers, or replaced by a newer one
)

// Push is one sign-in request on its way to an account's phones.
type Push struct {
	ID        string          `json:"id"`
	Flow      string          `json:"flow"` // the sign-in that asks
	Account   ident.AccountID `json:"account"`
	Client    string          `json:"client"`  // the service's name
	Number    string          `json:"number"`  // two digits, shown in the browser only
	Browser   string          `json:"browser"` // "Firefox on Windows"
	Address   string          `json:"address"`
	State     State           `json:"state"`
	Wrong     int             `json:"wrong,omitempty"` // wrong numbers so far
	DeviceID  string          `json:"device,omitempty"`
	Decision  Decision        `json:"decision,omitempty"`
	Unlocked  Unlock          `json:"unlocked,omitempty"`
	Reported  bool            `json:"reported,omitempty"` // "this was not me" is on record
	Away      bool            `json:"away,omitempty"`     // a service asks without a browser
	Word      *Word           `json:"word,omitempty"`     // for that service
	DecidedAt time.Time       `json:"decided,omitzero"`
	CreatedAt time.Time       `json:"created"`
	ExpiresAt time.Time       `json:"expires"`
}

// Ask is what a sign-in tells about itself.
type Ask struct {
	Flow    string
	Account ident.AccountID
	Client  string
	Browser string
	Address string
	Binding string // digest of the cookie of the browser that began; On-mobile only
	Away    *Away  // of a service that asks without a browser; nil: a browser waits
}

// Start sends a request to all active devices of the account, and wakes those that subscribed;
// an open one of the same sign-in is replaced. Errors: ErrNoDevice, ErrQuiet, ErrAsked, fault.TooMany
// from the limits.
func (s *Service) Start(ctx context.Context, a Ask) (Push, error) {
	devices, err := s.store.Devices(ctx, a.Account)
	if err != nil {
		return Push{}, err
	}
	if !slices.ContainsFunc(devices, func(d Device) bool { return d.Status == Active }) {
		return Push{}, ErrNoDevice
	}
	if err := s.heeded(ctx, a.Account); err != nil {
		return Push{}, err
	}
	p := s.asked(a)
	if err := s.turn(ctx, p); err != nil {
		return Push{}, err // before it counts as a try
	}
	if err := s.limits.Hit(ctx, LimitPerLogin, a.Flow); err != nil {
		return Push{}, err
	}
	if err := s.limits.Hit(ctx, LimitPerAccount, string(a.Account)); err != nil {
		return Push{}, err
	}
	if err := kv.PutJSON(ctx, s.kv, pushKey(p.ID), p, pushKept); err != nil {
		return Push{}, err
	}
	if err := s.takeTurn(ctx, p); err != nil {
		return Push{}, err
	}
	if err := s.addToList(ctx, inboxKey(a.Account), p.ID, pushKept); err != nil {
		return Push{}, err
	}
	return p, s.wake(ctx, devices, p.ExpiresAt)
}

// asked is the request of an ask, not yet kept.
func (s *Service) asked(a Ask) Push {
	now := s.now()
	p := Push{
		ID: ident.NewID(s.rand), Flow: a.Flow, Account: a.Account, Client: clip(a.Client, 100), Number: twoDigits(s.rand),
		Browser: clip(a.Browser, 120), Address: clip(a.Address, 60), State: Pending, CreatedAt: now, ExpiresAt: now.Add(PushFor),
	}
	if w := a.Away; w != nil {
		p.Away, p.Number, p.Browser, p.Address, p.ExpiresAt = true, w.Number, nowhere, nowhere, now.Add(min(w.Life, PushFor))
		p.Word = w.Word
	}
	return p
}

// Inbox lists an account's open requests, newest first.
func (s *Service) Inbox(ctx context.Context, account ident.AccountID) ([]Push, error) {
	ids, err := s.list(ctx, inboxKey(account))
	if err != nil {
		return nil, err
	}
	var out []Push
	for _, id := range slices.Backward(ids) {
		p, err := s.push(ctx, id)
		if errors.Is(err, ErrRequestUnknown) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if p.State == Pending {
			out = append(out, p)
		}
	}
	return out, nil
}

// Outcome is how a request stands, whose it is and, once it is approved, by which device and how
// unlocked.
type Outcome struct {
	State    State
	Account  ident.AccountID
	DeviceID string
	Unlocked Unlock
	At       time.Time // of the decision
}

// Poll tells the waiting sign-in how its request stands. An id that is not there (any more)
// counts as expired.
func (s *Service) Poll(ctx context.Context, id string) (Outcome, error) {
	p, err := s.push(ctx, id)
	if errors.Is(err, ErrRequestUnknown) {
		return Outcome{State: Expired}, nil
	}
	if err != nil {
		return Outcome{}, err
	}
	return Outcome{State: p.State, Account: p.Account, DeviceID: p.DeviceID, Unlocked: p.Unlocked, At: p.DecidedAt}, nil
}

// push reads a request with its state as of now.
func (s *Service) push(ctx context.Context, id string) (Push, error) {
	if !IsID(id) {
		return Push{}, ErrRequestUnknown
	}
	p, err := kv.GetJSON[Push](ctx, s.kv, pushKey(id))
	if err != nil {
		return Push{}, unknownPush(err)
	}
	if p.State != Pending {
		return p, nil
	}
	current, err := kv.GetJSON[string](ctx, s.kv, turnKey(p))
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return Push{}, err
	}
	if current != p.ID || !s.now().Before(p.ExpiresAt) {
		p.State = Expired
	}
	return p, nil
}

// twoDigits draws 10 to 99, each as likely as the others.
func twoDigits(random io.Reader) string {
	var b [1]byte
	for {
		if _, err := io.ReadFull(random, b[:]); err != nil {
			panic("phone: random source: " + err.Error())
		}
		if b[0] < 180 {
			return strconv.Itoa(10 + int(b[0]%90))
		}
	}
}

func pushKey(id string) string                { return "push:" + id }
func inboxKey(account ident.AccountID) string { return "pushes:" + string(account) }

func unknownPush(err error) error {
	if fault.KindOf(err) == fault.NotFound {
		return ErrRequestUnknown
	}
	return err
}
