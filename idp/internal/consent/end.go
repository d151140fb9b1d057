package consent

import (
	"context"
	"slices"
	"time"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/session"
)

// Known is a service as a person sees it.
type Known struct {
	Client   string
	Name     string // "" when it is not registered any more
	Entries  []Entry
	Sessions []session.Session // living ones that are signed in to it
	Renewed  time.Time         // the last refresh; zero: never
}

// Given reports whether the service may still be told something.
func (k Known) Given() bool { return slices.ContainsFunc(k.Entries, Entry.Given) }

// Services gives the whole ledger of a person, by service, each with its living sessions.
func (s *Service) Services(ctx context.Context, id ident.AccountID) ([]Known, error) {
	list, err := s.Store.Ledger(ctx, id, "")
	if err != nil {
		return nil, err
	}
	renewed, err := s.Store.Renewals(ctx, id)
	if err != nil {
		return nil, err
	}
	living, err := s.Sessions.List(ctx, id)
	if err != nil {
		return nil, err
	}
	var out []Known
	for _, e := range list {
		if len(out) == 0 || out[len(out)-1].Client != e.Client {
			out = append(out, Known{Client: e.Client, Name: s.Name(e.Client), Sessions: within(living, e.Client), Renewed: renewed[e.Client]})
		}
		k := &out[len(out)-1]
		k.Entries = append(k.Entries, e)
	}
	return out, nil
}

// Service gives one service of a person's ledger; ErrNone when it is not there.
func (s *Service) Service(ctx context.Context, id ident.AccountID, client string) (Known, error) {
	all, err := s.Services(ctx, id)
	if err != nil {
		return Known{}, err
	}
	for _, k := range all {
		if k.Client == client {
			return k, nil
		}
	}
	return Known{}, ErrNone
}

// LastTold says when the service was told an entry last, at a sign-in or by a refresh; zero: never.
func (k Known) LastTold(e Entry) time.Time {
	if e.Given() && k.Renewed.After(e.ToldAt) && k.Renewed.After(e.AgreedAt) {
		return k.Renewed
	}
	return e.ToldAt
}

func within(living []session.Session, client string) (out []session.Session) {
	for _, sess := range living {
		if slices.Contains(sess.Clients, client) {
			out = append(out, sess)
		}
	}
	return out
}

// Stop ends one thing that a service may know or do and can do without. It is told no more, from the
// next request on.
func (s *Service) Stop(ctx context.Context, id ident.AccountID, client, claim string) error {
	acc, err := s.Accounts.ByID(ctx, id)
	if err != nil {
		return err
	}
	now := s.now()
	return s.Store.StopClaim(ctx, now, id, client, claim, []audit.Event{audit.ConsentStopped(id, client, claim)},
		[]notify.Message{notify.ClaimStopped(acc.Person(), s.named(client), now, s.PageURL)})
}

// Withdraw ends everything that a service may know and do: it must ask again. Its tokens are dead, the
// person is signed out of it, and it is told so. What is written comes first: a crash after it leaves
// sessions that name the service, and nothing that it could use.
func (s *Service) Withdraw(ctx context.Context, id ident.AccountID, client string) error {
	acc, err := s.Accounts.ByID(ctx, id)
	if err != nil {
		return err
	}
	living, err := s.Sessions.List(ctx, id)
	if err != nil {
		return err
	}
	w := Withdrawal{At: s.now(), Account: id, Client: client}
	signedIn := within(living, client)
	for _, sess := range signedIn {
		if s.Listens(client) {
			w.Tell = append(w.Tell, sess.ID)
		}
	}
	err = s.Store.Withdraw(ctx, w, []audit.Event{audit.ConsentWithdrawn(id, client)},
		[]notify.Message{notify.ConsentWithdrawn(acc.Person(), s.named(client), w.At, s.PageURL)})
	if err != nil {
		return err
	}
	s.Kick()
	for _, sess := range signedIn {
		if err := s.Sessions.DropClient(ctx, sess.ID, client, w.At); err != nil {
			return err
		}
	}
	return nil
}

// named gives what a service is called, or its identifier when nothing is known of it any more.
func (s *Service) named(client string) string {
	if name := s.Name(client); name != "" {
		return name
	}
	return client
}
