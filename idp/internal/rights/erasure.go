package rights

import (
	"context"
	"errors"
	"io"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/proto/kit/fault"
)

// Cooling is how long an erasure waits (domain.md row 38).
const Cooling = 7 * 24 * time.Hour

// State is how an erasure stands.
type State string

// The states; only the first can change.
const (
	Waiting State = "waiting"
	Stopped State = "stopped"
	Done    State = "done"
)

// Erasure is one request to erase an account. Its ID is the number of the receipt.
type Erasure struct {
	ID      string
	Account account.ID
	AskedAt time.Time
	DueAt   time.Time // erased at that moment or soon after
	Digest  string    // of the token of the link that stops it
	State   State
	EndedAt time.Time // stopped or done
}

var (
	// ErrNone: there is no such request, or none that waits.
	ErrNone = fault.New(fault.NotFound, "erasure.none")
	// ErrWaiting: one waits already.
	ErrWaiting = fault.New(fault.Conflict, "erasure.waiting")
	// ErrOver: it was stopped or carried out, or is not due.
	ErrOver = fault.New(fault.Gone, "erasure.over")
)

// ErasureStore keeps requests. Every write is one transaction with its events and messages.
type ErasureStore interface {
	// AskErasure stores a request; ErrWaiting when another of the account waits.
	AskErasure(ctx context.Context, e Erasure, events []audit.Event, messages []notify.Message) error
	// WaitingErasure gives the request of an account that waits, or ErrNone.
	WaitingErasure(ctx context.Context, id account.ID) (Erasure, error)
	// ErasureByDigest and ErasureByID find a request, or ErrNone.
	ErasureByDigest(ctx context.Context, digest string) (Erasure, error)
	ErasureByID(ctx context.Context, id string) (Erasure, error)
	// StopErasure ends a waiting request without consequence; ErrOver otherwise.
	StopErasure(ctx context.Context, at time.Time, id string, events []audit.Event, messages []notify.Message) error
	// DueErasures lists waiting requests whose time has come, at most so many.
	DueErasures(ctx context.Context, at time.Time, most int) ([]Erasure, error)
	// EraseDue ends a waiting request that is due and erases its account, which tells services; ErrOver
	// otherwise.
	EraseDue(ctx context.Context, at time.Time, e Erasure, event audit.Event, messages []notify.Message) error
}

// Ender ends every session and refresh token of an account.
type Ender interface {
	EndAll(ctx context.Context, id ident.AccountID) error
}

// Service serves the rights; every field is required.
type Service struct {
	Store    Store
	Accounts account.Reader
	Sessions Sessions
	Ender    Ender
	Others   map[string]Other                               // services that keep data of people, by name
	Subject  func(client string, id ident.AccountID) string // by which a service knows an account; "" when it is not registered any more
	Issuer   string                                         // address of this service without a slash at the end
	Now      func() time.Time
	Rand     io.Reader
}

// Path is where people read and stop a request without a sign-in, with a token at its end.
const Path = "/erasure/"

// Ask begins the wait, and tells the person how to stop it. The caller knows that the person showed
// every factor lately. Errors: ErrWaiting.
func (s *Service) Ask(ctx context.Context, id account.ID) (Erasure, error) {
	a, err := s.Accounts.ByID(ctx, id)
	if err != nil {
		return Erasure{}, err
	}
	token, now := ident.NewToken(s.Rand), s.Now()
	e := Erasure{ID: ident.NewID(s.Rand), Account: id, AskedAt: now, DueAt: now.Add(Cooling), Digest: ident.Digest(token), State: Waiting}
	tell := notify.ErasureWaits(a.Person(), e.AskedAt, e.DueAt, s.Issuer+Path+token, s.Issuer+"/account/data")
	return e, s.Store.AskErasure(ctx, e, []audit.Event{audit.ErasureAsked(id, e.ID)}, []notify.Message{tell})
}

// Waits gives the request of an account that waits; no ID: none.
func (s *Service) Waits(ctx context.Context, id account.ID) (Erasure, error) {
	e, err := s.Store.WaitingErasure(ctx, id)
	if errors.Is(err, ErrNone) {
		err = nil
	}
	return e, err
}

// LookStop gives the request that a link would stop; scanners of mails may look too.
func (s *Service) LookStop(ctx context.Context, token string) (Erasure, error) {
	if !ident.IsToken(token) {
		return Erasure{}, ErrNone
	}
	e, err := s.Store.ErasureByDigest(ctx, ident.Digest(token))
	if err == nil && e.State != Waiting {
		err = ErrOver
	}
	return e, err
}

// StopByLink stops a request without a sign-in: the mailbox is enough to keep the account.
func (s *Service) StopByLink(ctx context.Context, token string) error {
	e, err := s.LookStop(ctx, token)
	if err != nil {
		return err
	}
	return s.stop(ctx, e, "link")
}

// Stop stops the request of somebody who is signed in.
func (s *Service) Stop(ctx context.Context, id account.ID) error {
	e, err := s.Store.WaitingErasure(ctx, id)
	if err != nil {
		return err
	}
	return s.stop(ctx, e, "account")
}

func (s *Service) stop(ctx context.Context, e Erasure, how string) error {
	a, err := s.Accounts.ByID(ctx, e.Account)
	if err != nil {
		return err
	}
	tell := notify.ErasureStopped(a.Person(), s.Now(), s.Issuer+"/password/lost")
	return s.Store.StopErasure(ctx, s.Now(), e.ID, []audit.Event{audit.ErasureStopped(e.Account, e.ID, how)}, []notify.Message{tell})
}

// batch is how many requests one round looks at, and Every how often one should run.
const (
	batch = 100
	Every = time.Minute
)

// Tick erases the accounts whose time has come. Any number of workers may run it: each account is
// erased once. Sessions end before and after: before, so that a store that does not answer stops it
// while nothing has happened; after, so that nobody slips in meanwhile.
func (s *Service) Tick(ctx context.Context) error {
	due, err := s.Store.DueErasures(ctx, s.Now(), batch)
	var failed error
	for _, e := range due {
		if err := s.erase(ctx, e); err != nil && !errors.Is(err, ErrOver) {
			failed = errors.Join(failed, err)
		}
	}
	return errors.Join(err, failed)
}

func (s *Service) erase(ctx context.Context, e Erasure) error {
	a, err := s.Accounts.ByID(ctx, e.Account)
	if err != nil {
		return err
	}
	if err := s.Ender.EndAll(ctx, e.Account); err != nil {
		return err
	}
	receipt := notify.AccountErased(a.Person(), s.Now(), e.ID) // the last message to the address
	if err := s.Store.EraseDue(ctx, s.Now(), e, audit.AccountErased(e.Account), []notify.Message{receipt}); err != nil {
		return err
	}
	return s.Ender.EndAll(context.WithoutCancel(ctx), e.Account)
}
