package lostfactor

import (
	"context"
	"errors"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/notify"
)

// Confirm removes every verification method, in a browser in which the password was shown, once
// the time has come. Sessions end before and after: before, so that a store that does not answer
// stops it while nothing has happened; after, so that nobody slips in meanwhile.
func (s *Service) Confirm(ctx context.Context, id, browser string) error {
	a, err := s.opened(ctx, id, browser)
	if err != nil {
		return err
	}
	l, err := s.Store.WaitingLoss(ctx, a.ID)
	if errors.Is(err, ErrNone) || err == nil && !l.Due(s.Now()) {
		return ErrOver
	}
	if err != nil {
		return err
	}
	rec, err := s.removal(ctx, a)
	if err != nil {
		return err
	}
	if err := s.Ender.EndAll(ctx, a.ID); err != nil {
		return err
	}
	if err := s.Store.ResetFactors(ctx, l, rec); err != nil {
		return err
	}
	return s.Ender.EndAll(context.WithoutCancel(ctx), a.ID)
}

// removal is the record of everything that goes; each method has its own mail, with the link by
// which it can be brought back.
func (s *Service) removal(ctx context.Context, a account.Account) (factor.Record, error) {
	all, err := s.Keepers.All(ctx, a.ID)
	if err != nil {
		return factor.Record{}, err
	}
	people, err := s.Journal.People(ctx, a.ID)
	if err != nil {
		return factor.Record{}, err
	}
	rec := factor.Record{At: s.Now(), Events: []audit.Event{audit.FactorsGivenUp(a.ID)}}
	for _, p := range people {
		rec.Notices = append(rec.Notices, notify.LossDone(p, rec.At, s.Issuer+"/account"))
	}
	for _, f := range all {
		one, err := s.Journal.Removed(ctx, a.ID, f)
		if err != nil {
			return factor.Record{}, err
		}
		rec.Events, rec.Notices, rec.Changes = append(rec.Events, one.Events...), append(rec.Notices, one.Notices...), append(rec.Changes, one.Changes...)
	}
	return rec, nil
}

// batch is how many requests one round of the clock looks at.
const batch = 100

// Tick tells people whose time has come, and ends requests that were not confirmed in time. Any
// number of workers may run it: each person is told once.
func (s *Service) Tick(ctx context.Context) error {
	due, err := s.Store.DueLosses(ctx, s.Now(), batch)
	if err != nil {
		return err
	}
	for _, l := range due {
		if err := s.tellDue(ctx, l); err != nil && !errors.Is(err, ErrOver) {
			return err
		}
	}
	late, err := s.Store.LateLosses(ctx, s.Now().Add(-ConfirmWithin), batch)
	if err != nil {
		return err
	}
	for _, l := range late {
		rec := factor.Record{At: s.Now(), Events: []audit.Event{audit.LossStopped(l.Account, "not confirmed in time")}}
		if err := s.Store.EndLoss(ctx, l.ID, Expired, rec); err != nil && !errors.Is(err, ErrOver) {
			return err
		}
	}
	return nil
}

func (s *Service) tellDue(ctx context.Context, l Loss) error {
	a, err := s.Accounts.ByID(ctx, l.Account)
	if err != nil {
		return err
	}
	return s.Store.TellDue(ctx, l.ID, factor.Record{
		At: s.Now(), Notices: []notify.Message{notify.LossDue(a.Person(), l.DueAt.Add(ConfirmWithin), s.Issuer+Path)},
	})
}

// Every is how often the clock should run.
const Every = time.Minute
