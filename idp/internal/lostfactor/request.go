package lostfactor

import (
	"context"
	"errors"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/proto/kit/fault"
)

// LookLink judges a mailed link without using it up; see mailproof.Service.Look.
func (s *Service) LookLink(ctx context.Context, token, browser string) error {
	_, err := s.Tickets.Look(ctx, Purpose, token, browser)
	return err
}

// Start uses the mailed link up: the wait begins, and every known channel is told how to stop it.
// It gives the request.
func (s *Service) Start(ctx context.Context, token, browser string) (Loss, error) {
	t, err := s.Tickets.ProveByLink(ctx, Purpose, token, browser)
	if err != nil {
		return Loss{}, err
	}
	if t, err = s.Tickets.Finish(ctx, Purpose, t.ID, browser); err != nil {
		return Loss{}, err
	}
	a, err := s.Accounts.ByID(ctx, t.Account)
	if err != nil {
		return Loss{}, errors.Join(err, s.Tickets.Restore(context.WithoutCancel(ctx), t))
	}
	l := Loss{DueAt: s.Now().Add(s.Delay)}
	l, err = s.ask(ctx, a, l, factor.Record{Events: []audit.Event{audit.LossStarted(a.ID)}})
	if err != nil && !errors.Is(err, ErrWaiting) && !errors.Is(err, ErrNeedless) {
		err = errors.Join(err, s.Tickets.Restore(context.WithoutCancel(ctx), t))
	}
	return l, err
}

// Vouch starts a request without a wait, for two persons of the helpdesk who made sure who asks;
// a request of the person's own that waits is replaced. confirms is the case that ends with it.
func (s *Service) Vouch(ctx context.Context, id ident.AccountID, confirms factor.Confirmation) (Loss, error) {
	a, err := s.Accounts.ByID(ctx, id)
	if err != nil {
		return Loss{}, err
	}
	old, err := s.Store.WaitingLoss(ctx, id)
	if err != nil && !errors.Is(err, ErrNone) {
		return Loss{}, err
	}
	return s.ask(ctx, a, Loss{DueAt: s.Now(), Helpdesk: true, Replaces: old.ID}, factor.Record{Confirms: confirms})
}

// Vouched reports whether the helpdesk vouched for a person who has not gone on since: then the
// mailbox is enough for a new password.
func (s *Service) Vouched(ctx context.Context, id ident.AccountID) (bool, error) {
	l, err := s.waiting(ctx, id)
	return l.Helpdesk && l.Due(s.Now()), err
}

// Waits gives the request of an account that waits; no ID: none.
func (s *Service) Waits(ctx context.Context, id ident.AccountID) (Loss, error) {
	return s.waiting(ctx, id)
}

// ask stores a request and tells everybody who could stop it.
func (s *Service) ask(ctx context.Context, a account.Account, l Loss, rec factor.Record) (Loss, error) {
	if !a.Guarded || !a.Usable() {
		return Loss{}, ErrNeedless
	}
	if late, err := s.Store.WaitingLoss(ctx, a.ID); err == nil && !s.Now().Before(late.DueAt.Add(ConfirmWithin)) {
		l.Replaces = late.ID
	}
	token := ident.NewToken(s.Rand)
	l.ID, l.Account, l.AskedAt, l.Digest, l.State = ident.NewID(s.Rand), a.ID, s.Now(), ident.Digest(token), Waiting
	notices, err := s.everywhere(ctx, a, l, s.Issuer+Path+"/stop/"+token)
	if err != nil {
		return Loss{}, err
	}
	rec.At, rec.Notices = l.AskedAt, notices
	return l, s.Store.AskLoss(ctx, l, rec)
}

// everywhere tells of a request at every address and number, each with the link that stops it.
func (s *Service) everywhere(ctx context.Context, a account.Account, l Loss, stop string) ([]notify.Message, error) {
	people, err := s.Journal.People(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	var out []notify.Message
	for _, p := range people {
		out = append(out, notify.LossWaits(p, l.AskedAt, l.DueAt, s.Issuer+Path, stop))
	}
	if !s.Texts {
		return out, nil
	}
	numbers, err := s.Numbers.Numbers(ctx, a.ID)
	for _, n := range numbers {
		out = append(out, notify.LossText(string(n.Number), a.MailLang, stop))
	}
	return out, err
}

// LookStop gives the request that a link would stop; scanners of mails may look too.
func (s *Service) LookStop(ctx context.Context, token string) (Loss, error) {
	if !ident.IsToken(token) {
		return Loss{}, ErrLink
	}
	l, err := s.Store.LossByDigest(ctx, ident.Digest(token))
	switch {
	case errors.Is(err, ErrNone):
		return l, ErrLink
	case err == nil && l.State != Waiting:
		return l, ErrOver
	}
	return l, err
}

// Stop ends a request by its link. It asks for no sign-in.
func (s *Service) Stop(ctx context.Context, token string) error {
	l, err := s.LookStop(ctx, token)
	if err != nil {
		return err
	}
	return s.stop(ctx, l, audit.LossStopped(l.Account, "link"))
}

// FactorShown stops the request of somebody who showed a second factor: it is not lost.
func (s *Service) FactorShown(ctx context.Context, id ident.AccountID) error {
	l, err := s.Store.WaitingLoss(ctx, id)
	if errors.Is(err, ErrNone) {
		return nil
	}
	if err == nil {
		err = s.stop(ctx, l, audit.LossStopped(id, "second factor shown"))
	}
	if fault.KindOf(err) == fault.Gone {
		return nil
	}
	return err
}

// Withdraw stops the request in the browser in which the password was shown.
func (s *Service) Withdraw(ctx context.Context, id, browser string) error {
	a, err := s.opened(ctx, id, browser)
	if err != nil {
		return err
	}
	l, err := s.Store.WaitingLoss(ctx, a.ID)
	if err != nil {
		return err
	}
	return s.stop(ctx, l, audit.LossStopped(a.ID, "password"))
}

func (s *Service) stop(ctx context.Context, l Loss, event audit.Event) error {
	people, err := s.Journal.People(ctx, l.Account)
	if err != nil {
		return err
	}
	rec := factor.Record{At: s.Now(), Events: []audit.Event{event}}
	for _, p := range people {
		rec.Notices = append(rec.Notices, notify.LossStopped(p, rec.At, s.Issuer+"/password/lost"))
	}
	return s.Store.EndLoss(ctx, l.ID, Stopped, rec)
}
