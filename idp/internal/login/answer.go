package login

import (
	"context"
	"errors"
	"slices"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/limit"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	"eulogin.example/proto/kit/fault"
)

var (
	// ErrAnswer: the answer to a challenge is not right; field "code" says more.
	ErrAnswer = fault.New(fault.Invalid, "login.answer")
	// ErrChallengeOver: the challenge cannot be answered any more, by this person or at all.
	ErrChallengeOver = fault.New(fault.Gone, "login.challenge_over")
	// ErrGuessed is the cause of ErrChallengeOver when the last try was wrong: somebody who
	// knows the password guesses, and the person is told.
	ErrGuessed = fault.New(fault.Gone, "login.guessed")
)

// Answer takes what was typed or sent to an open challenge. Wrong answers of one account
// count together, whatever the method, before anything is looked at (security case 31).
func (s *Service) Answer(ctx context.Context, id, browser, text string, meta session.Meta) (View, error) {
	v, err := s.open(ctx, id, browser)
	if err != nil {
		return View{}, err
	}
	if v.Step != Challenge && v.Step != DirectStep {
		return View{}, ErrPast
	}
	method, ok := s.Methods[v.Flow.Pending.Method].(Answered)
	if !ok {
		return View{}, ErrPast
	}
	account, name, who := v.Flow.Account, limit.CodeAccount, string(v.Flow.Account)
	if v.Flow.Pending.Direct { // the answer names the person, whoever was typed before
		account, name, who = "", limit.CodeAddress, limit.Network(meta.Address)
	}
	if err := s.Limits.Hit(ctx, name, who); err != nil {
		return v, s.locked(err)
	}
	proven, err := method.Answer(ctx, Answer{ChallengeID: v.Flow.Pending.ID, Account: account, Text: text})
	if err == nil {
		return s.proved(ctx, v, proven, name, who)
	}
	switch {
	case errors.Is(err, ErrGuessed):
		if err := s.noteGuesses(ctx, v.Flow, meta); err != nil {
			return v, err
		}
		return s.over(ctx, v)
	case errors.Is(err, ErrChallengeOver):
		return s.over(ctx, v)
	case fault.KindOf(err) == fault.Invalid:
		return v, errors.Join(err, s.noteWrongCode(ctx, v.Flow, meta))
	}
	return v, errors.Join(err, s.Limits.Forgive(ctx, name, who)) // it was not looked at
}

// proved takes over a right answer, unless it came from a factor that may not be used here.
func (s *Service) proved(ctx context.Context, v View, proven Proven, name, who string) (View, error) {
	f, err := s.conclude(ctx, v.Flow, Proved, proven)
	if errors.Is(err, ErrChallengeOver) {
		return s.over(ctx, v)
	}
	if err == nil {
		err = s.forgive(ctx, name, who)
	}
	if err != nil {
		return v, err
	}
	return s.view(ctx, f)
}

// over closes a challenge that cannot be answered any more.
func (s *Service) over(ctx context.Context, v View) (View, error) {
	f, err := s.conclude(ctx, v.Flow, Expired, Proven{})
	if err != nil {
		return v, err
	}
	return s.view(ctx, f)
}

// forgive settles the count after a right answer. Where nobody was named one right answer
// must not wash away the wrong ones of a whole network.
func (s *Service) forgive(ctx context.Context, name, who string) error {
	if name == limit.CodeAddress {
		return s.Limits.Forgive(ctx, name, who)
	}
	return s.Limits.Reset(ctx, name, who)
}

func (s *Service) noteWrongCode(ctx context.Context, f Flow, meta session.Meta) error {
	at := s.attempt(f, meta, WrongCode)
	at.Methods = string(f.Pending.Method)
	return s.History.RecordAttempt(ctx, at, nil, nil)
}

// noteGuesses writes down the wrong answer that ended a challenge, and tells the person.
func (s *Service) noteGuesses(ctx context.Context, f Flow, meta session.Meta) error {
	acc, err := s.Accounts.ByID(ctx, f.Account)
	if err != nil {
		return err
	}
	at := s.attempt(f, meta, WrongCode)
	at.Methods = string(f.Pending.Method)
	return s.History.RecordAttempt(ctx, at, []audit.Event{audit.SignInGuessed(f.Account, at.Methods, meta.Browser, meta.Address)},
		[]notify.Message{notify.SignInGuessed(acc.Person(), at.Methods, at.At, s.LostURL)})
}

// Offer opens a challenge of a method that names the person by itself, beside the page that
// asks for the address: the browser may answer it before anything is typed. The sign-in does
// not wait for it.
func (s *Service) Offer(ctx context.Context, id, browser string, m policy.Method, meta session.Meta) (View, Pending, error) {
	v, err := s.open(ctx, id, browser)
	if err != nil {
		return View{}, Pending{}, err
	}
	if (v.Step != Identify && v.Step != Password && v.Step != DirectStep) || v.Flow.Silent() {
		return v, Pending{}, ErrPast
	}
	method, ok := s.Methods[m].(Direct)
	if !ok || !method.Direct() || !slices.Contains(v.Offered, m) {
		return v, Pending{}, ErrMethod.WithField("method", "signin.method.unknown")
	}
	pending, err := method.Start(ctx, s.ask(v.Flow, "", meta))
	pending.Direct = true
	return v, pending, err
}

// Direct opens a challenge of a method that names the person by itself, so that nothing has
// to be typed before: a passkey, or the app on the same phone.
func (s *Service) Direct(ctx context.Context, id, browser string, m policy.Method, meta session.Meta) (View, error) {
	v, pending, err := s.Offer(ctx, id, browser, m, meta)
	if err != nil {
		return v, err
	}
	return s.pend(ctx, v, pending)
}

// Indirect gives up a direct challenge: the address and the password are asked for again.
func (s *Service) Indirect(ctx context.Context, id, browser string) (View, error) {
	if _, err := s.open(ctx, id, browser); err != nil {
		return View{}, err
	}
	f, err := s.change(ctx, id, func(f *Flow) error {
		if f.Pending != nil && f.Pending.Direct {
			f.Pending, f.Failed = nil, ""
		}
		return nil
	})
	if err != nil {
		return View{}, err
	}
	return s.view(ctx, f)
}
