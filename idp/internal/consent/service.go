package consent

import (
	"context"
	"slices"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/session"
	"eulogin.example/proto/kit/fault"
)

var (
	// ErrAsk: the person has to be asked first.
	ErrAsk = fault.New(fault.Conflict, "consent.ask")
	// ErrWarn: the same, by the person's own wish.
	ErrWarn = fault.New(fault.Conflict, "consent.warn")
	// ErrNone: there is nothing of that kind to stop or to withdraw.
	ErrNone = fault.New(fault.NotFound, "consent.none")
)

// Change is one sign-in or agreement as it is written down.
type Change struct {
	At      time.Time
	Entries []Entry  // as they shall be
	Was     Standing // as they were seen; another one meanwhile is ErrAsk
}

// Withdrawal is the end of everything that a person gave to a service.
type Withdrawal struct {
	At      time.Time
	Account ident.AccountID
	Client  string
	Tell    []string // sessions of which the service is told that they ended
}

// Store keeps the ledger. Every write is one transaction with its events and messages.
type Store interface {
	// Ledger gives the entries of an account with one service, or with all where client is "".
	Ledger(ctx context.Context, id ident.AccountID, client string) ([]Entry, error)
	// Renewals says when each service used a refresh token of an account last.
	Renewals(ctx context.Context, id ident.AccountID) (map[string]time.Time, error)
	// WriteLedger stores entries that nobody ended meanwhile; else ErrAsk.
	WriteLedger(ctx context.Context, c Change, events []audit.Event) error
	// StopClaim ends one entry that is given and not essential, and with Offline the refresh families
	// of the service; else ErrNone.
	StopClaim(ctx context.Context, at time.Time, id ident.AccountID, client, claim string, events []audit.Event, messages []notify.Message) error
	// Withdraw ends every entry that is given, the refresh families, and puts the logout tokens into
	// the outbox; ErrNone when nothing is given.
	Withdraw(ctx context.Context, w Withdrawal, events []audit.Event, messages []notify.Message) error
}

// Sessions lists living sessions and takes services out of them.
type Sessions interface {
	List(ctx context.Context, id ident.AccountID) ([]session.Session, error)
	DropClient(ctx context.Context, sid, client string, at time.Time) error
}

// Service answers what may be told; every field is required.
type Service struct {
	Store    Store
	Accounts account.Reader
	Sessions Sessions
	Name     func(client string) string // of a service, "" when it is not registered any more
	Listens  func(client string) bool   // whether a service registered a logout address
	Kick     func()                     // wakes the outbox
	PageURL  string                     // of the ledger, for mails
	Now      func() time.Time
}

// Standing gives the ledger of a person with a service.
func (s *Service) Standing(ctx context.Context, id ident.AccountID, client string) (Standing, error) {
	list, err := s.Store.Ledger(ctx, id, client)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	out := make(Standing, len(list))
	for _, e := range list {
		out[e.Claim] = e
	}
	return out, nil
}

// Asks reports whether a person has to be asked before a service is told.
func (s *Service) Asks(ctx context.Context, id ident.AccountID, client string, r Release) (bool, error) {
	acc, err := s.Accounts.ByID(ctx, id)
	if err != nil {
		return false, err
	}
	have, err := s.Standing(ctx, id, client)
	return r.Always || acc.WarnRelease || have.undecided(r), err
}

// Told is what a sign-in comes to.
type Told struct {
	At       time.Time // of the approval: what is withdrawn later ends it
	Withheld []string  // of what was asked for
}

// Tell settles what a service is told at a sign-in, and writes down what is new. a is what the person
// decided on a page, nil where none was shown; then ErrAsk or ErrWarn says that one must be. Where
// nothing is new nothing is written: the day of the last telling is noted with fresh sign-ins only.
func (s *Service) Tell(ctx context.Context, acc account.Account, client string, r Release, a *Agreement, fresh bool) (Told, error) {
	now := s.now() // first: what is withdrawn while the ledger is read is later
	have, err := s.Standing(ctx, acc.ID, client)
	if err != nil {
		return Told{}, err
	}
	who := Entry{Account: acc.ID, Client: client, Page: ByOperator, AgreedAt: now}
	undecided := r.Always || have.undecided(r)
	switch {
	case a == nil && undecided, a != nil && have.overtaken(r, a.At):
		return Told{}, ErrAsk
	case a == nil && acc.WarnRelease:
		return Told{}, ErrWarn
	case a != nil && undecided:
		who.Page = ByPage
	case a != nil:
		who.Page = ByWarning
	}
	return s.write(ctx, have, who, r, a, fresh)
}

// LetIn settles what a device is told that a person let in. The page showed all of it; what the person
// took back before stays as it is, but not what was withdrawn as a whole.
func (s *Service) LetIn(ctx context.Context, id ident.AccountID, client string, r Release) (Told, error) {
	have, err := s.Standing(ctx, id, client)
	if err != nil {
		return Told{}, err
	}
	who := Entry{Account: id, Client: client, Page: ByDevice, AgreedAt: s.now()}
	a := &Agreement{At: who.AgreedAt}
	for _, i := range r.Items {
		if e, there := have[i.Claim]; there && !e.Given() && !e.Anew() {
			a.Without = append(a.Without, i.Claim)
		}
	}
	return s.write(ctx, have, who, r, a, true)
}

// now is this moment as stores keep it, so that what is compared was rounded the same way.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }

func (s *Service) write(ctx context.Context, have Standing, who Entry, r Release, a *Agreement, fresh bool) (Told, error) {
	who.AgreedAt = have.after(who.AgreedAt)
	day := time.Time{}
	if fresh {
		day = who.AgreedAt.Truncate(24 * time.Hour)
	}
	changed := have.changes(who, r, a, day)
	if len(changed) > 0 {
		if err := s.Store.WriteLedger(ctx, Change{At: who.AgreedAt, Entries: changed, Was: have}, events(who, have, changed)); err != nil {
			return Told{}, err
		}
	}
	told := Told{At: who.AgreedAt}
	for _, i := range r.Items {
		e := have[i.Claim]
		if at := slices.IndexFunc(changed, func(c Entry) bool { return c.Claim == i.Claim }); at >= 0 {
			e = changed[at]
		}
		if !e.Given() {
			told.Withheld = append(told.Withheld, i.Claim)
		}
	}
	return told, nil
}

// events record what somebody agreed to and left out; that a service was told again is no event.
func events(who Entry, was Standing, changed []Entry) []audit.Event {
	var agreed, declined []string
	for _, e := range changed {
		switch before := was[e.Claim]; {
		case e.AgreedAt != before.AgreedAt:
			agreed = append(agreed, e.Claim)
		case e.EndedAt != before.EndedAt:
			declined = append(declined, e.Claim)
		}
	}
	if len(agreed)+len(declined) == 0 {
		return nil
	}
	return []audit.Event{audit.ConsentGiven(who.Account, who.Client, who.Page, agreed, declined)}
}
