package lostfactor

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/sms"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/limit"
	"eulogin.example/idp/internal/mailproof"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// Purpose keeps this package's links apart from all other mailed links (security case 28).
const Purpose mailproof.Purpose = "lostfactor"

// ProofAge is how long the password counts that was shown for this.
const ProofAge = 20 * time.Minute

// Prover lets a person show the password and nothing else. The sign-in machine implements it.
type Prover interface {
	// Begin starts the proof in this browser and gives the address to go to; the person comes
	// back to returnPath with the proof's id as parameter "id".
	Begin(ctx context.Context, browser, returnPath string) (address string, err error)
	// Proved says, once, whose password was shown under proofID in this browser, and when.
	Proved(ctx context.Context, proofID, browser string) (id ident.AccountID, at time.Time, err error)
}

// Limits counts events under names of package limit.
type Limits interface {
	Hit(ctx context.Context, name, key string) error
}

// Journal records changes of factors and knows where a person can be told.
type Journal interface {
	factor.Journal
	// People gives the person once for each known address.
	People(ctx context.Context, id ident.AccountID) ([]notify.Person, error)
}

// Numbers lists the mobile phone numbers of an account.
type Numbers interface {
	Numbers(ctx context.Context, id ident.AccountID) ([]sms.Registered, error)
}

// Recorder writes events and messages that no other write belongs to.
type Recorder interface {
	Record(ctx context.Context, at time.Time, events []audit.Event, messages []notify.Message) error
}

// Ender ends every session and refresh token of an account.
type Ender interface {
	EndAll(ctx context.Context, id ident.AccountID) error
}

// Service holds the journey; every field but Texts is required.
type Service struct {
	Store    Store
	KV       kv.Store
	Tickets  *mailproof.Service
	Accounts account.Reader
	Numbers  Numbers
	Keepers  factor.Keepers
	Journal  Journal
	Recorder Recorder
	Limits   Limits
	Prover   Prover
	Ender    Ender
	Delay    time.Duration // from the mailed link to when it can be confirmed
	Texts    bool          // text messages can be sent
	Issuer   string        // address of this service without a slash at the end
	Now      func() time.Time
	Rand     io.Reader
}

// opened is what a browser may see and do after the password.
type opened struct {
	Account ident.AccountID `json:"account"`
	Browser string          `json:"browser"`
	At      time.Time       `json:"at"`
}

// Path is where the pages stand.
const Path = "/lost-factor"

// Begin leads to the password.
func (s *Service) Begin(ctx context.Context, browser string) (string, error) {
	return s.Prover.Begin(ctx, browser, Path+"/back")
}

// Open takes the proof of the password and gives the id under which this browser goes on for
// ProofAge.
func (s *Service) Open(ctx context.Context, proofID, browser string) (string, error) {
	who, at, err := s.Prover.Proved(ctx, proofID, browser)
	if err != nil {
		return "", err
	}
	id := ident.NewID(s.Rand)
	return id, kv.PutJSON(ctx, s.KV, caseKey(id), opened{who, browser, at}, ProofAge)
}

// View is what the person sees after the password.
type View struct {
	Email   string
	Guarded bool // the account has or had a second factor
	Loss    Loss // its request that waits; no ID: none
	Due     bool
	Working []factor.Factor // methods that could still be used, recovery codes included
}

// Look gives what a browser may see.
func (s *Service) Look(ctx context.Context, id, browser string) (View, error) {
	a, err := s.opened(ctx, id, browser)
	if err != nil {
		return View{}, err
	}
	v := View{Email: a.Email, Guarded: a.Guarded}
	if v.Loss, err = s.waiting(ctx, a.ID); err != nil {
		return View{}, err
	}
	v.Due = v.Loss.Due(s.Now())
	all, err := s.Keepers.All(ctx, a.ID)
	for _, f := range all {
		if f.Usable {
			v.Working = append(v.Working, f)
		}
	}
	return v, err
}

// waiting gives the account's request that can still be confirmed or stopped, or an empty one.
func (s *Service) waiting(ctx context.Context, id ident.AccountID) (Loss, error) {
	l, err := s.Store.WaitingLoss(ctx, id)
	if errors.Is(err, ErrNone) || err == nil && !s.Now().Before(l.DueAt.Add(ConfirmWithin)) {
		return Loss{}, nil
	}
	return l, err
}

// opened gives the account whose password was shown.
func (s *Service) opened(ctx context.Context, id, browser string) (account.Account, error) {
	if !ident.IsID(id) {
		return account.Account{}, ErrCase
	}
	o, err := kv.GetJSON[opened](ctx, s.KV, caseKey(id))
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return account.Account{}, ErrCase
	case err != nil:
		return account.Account{}, err
	case !ident.Same(o.Browser, browser) || s.Now().Sub(o.At) > ProofAge:
		return account.Account{}, ErrCase
	}
	a, err := s.Accounts.ByID(ctx, o.Account)
	if err == nil && !a.Usable() {
		err = ErrCase
	}
	return a, err
}

// Mail sends the link that starts the wait.
func (s *Service) Mail(ctx context.Context, id, browser string) error {
	a, err := s.opened(ctx, id, browser)
	if err != nil {
		return err
	}
	if !a.Guarded {
		return ErrNeedless
	}
	if err := s.Limits.Hit(ctx, limit.LostMail, string(a.ID)); err != nil {
		return err
	}
	t, sec, err := s.Tickets.Open(ctx, mailproof.Ticket{Purpose: Purpose, Account: a.ID, Email: a.Email, Data: json.RawMessage(`{}`), Asker: browser})
	if err != nil {
		return err
	}
	return s.Recorder.Record(ctx, s.Now(), []audit.Event{audit.LossAsked(a.ID)}, []notify.Message{notify.LossLink(a.Person(), notify.Link{
		URL: s.Issuer + Path + "/link?t=" + sec.Token, ExpiresAt: t.ExpiresAt, ValidFor: s.Tickets.ValidFor(),
	})})
}

func caseKey(id string) string { return "lostfactor:" + id }
