package access

import (
	"context"
	"strings"

	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/notify"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/plain"
)

// Answer answers the coordinator's question; the request waits for a decision again.
func (s *Service) Answer(ctx context.Context, p person.Person, id string, version int64, text string) (Request, error) {
	text = strings.TrimSpace(text)
	if text == "" || !plain.Text(text, TextMax) {
		return Request{}, ErrInvalid.WithField("answer", "request.answer.needed")
	}
	return s.move(ctx, p, id, version, Answer, func(r *Request) { r.Answer = text }, func(r Request) ([]notify.Mail, error) {
		return s.toCoordinators(ctx, p, r)
	})
}

// Withdraw takes a request back. Nobody waits for a draft, so that makes no mail.
func (s *Service) Withdraw(ctx context.Context, p person.Person, id string, version int64) (Request, error) {
	return s.move(ctx, p, id, version, Withdraw, func(*Request) {}, func(r Request) ([]notify.Mail, error) {
		if r.SubmittedAt.IsZero() {
			return nil, nil
		}
		return []notify.Mail{notify.Withdrawn(p, r.Network, s.link(r))}, nil
	})
}

// move is one command of the requester.
func (s *Service) move(ctx context.Context, p person.Person, id string, version int64, do Command, change func(*Request), mails func(Request) ([]notify.Mail, error)) (Request, error) {
	r, err := s.own(ctx, p, id)
	if err != nil {
		return Request{}, err
	}
	to, ok := Next(r.State, Requester, do)
	if !ok {
		return r, ErrState
	}
	if r.Version != version {
		return r, ErrChanged
	}
	change(&r)
	r.State, r.UpdatedAt, r.Version = to, s.Now(), version+1
	out, err := mails(r)
	if err != nil {
		return r, err
	}
	c := Change{Request: r, From: version, Events: []audit.Event{s.event(p.ID, r, "request."+string(do), "")}, Mails: out}
	if do == Answer {
		c.Remark = s.asked(r, p.ID, Requester, TheAnswer, r.Answer, r.UpdatedAt)
	}
	return r, s.Store.ApplyChange(ctx, c)
}
