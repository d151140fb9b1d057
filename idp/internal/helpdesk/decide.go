package helpdesk

import (
	"context"
	"errors"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/lostfactor"
)

// Confirm is the second agent's yes: the effect and the end of the case are one transaction, so
// that of any number who confirm at once one does it.
func (s *Service) Confirm(ctx context.Context, agent ident.AccountID, caseID string) error {
	c, err := s.decidable(ctx, agent, caseID)
	if err != nil {
		return err
	}
	if agent == c.OpenedBy {
		return ErrSame
	}
	if err := s.Agent(ctx, c.OpenedBy); err != nil { // may have left since
		return ErrOver
	}
	confirms := factor.Confirmation{Case: c.ID, By: agent, Event: audit.HelpdeskConfirmed(agent, c.OpenedBy, c.Account, string(c.Kind))}
	if c.Kind == Key {
		return s.Keys.IssueBy(ctx, c.Factor, confirms, c.OpenedBy, agent)
	}
	_, err = s.Losses.Vouch(ctx, c.Account, confirms)
	if errors.Is(err, lostfactor.ErrWaiting) { // somebody was faster
		return ErrOver
	}
	return err
}

// Refuse closes a case without effect; either agent may.
func (s *Service) Refuse(ctx context.Context, agent ident.AccountID, caseID string) error {
	c, err := s.decidable(ctx, agent, caseID)
	if err != nil {
		return err
	}
	return s.Store.EndCase(ctx, c.ID, agent, s.Now(), audit.HelpdeskEnded(agent, c.Account, string(c.Kind), "refused"))
}

// decidable gives an open case that an agent may decide about.
func (s *Service) decidable(ctx context.Context, agent ident.AccountID, caseID string) (Case, error) {
	if err := s.Agent(ctx, agent); err != nil {
		return Case{}, err
	}
	if !ident.IsID(caseID) {
		return Case{}, ErrOver
	}
	c, err := s.Store.Case(ctx, caseID)
	if err != nil {
		return Case{}, err
	}
	if s.Now().Sub(c.OpenedAt) > CaseLife {
		return Case{}, ErrOver
	}
	_, err = s.person(ctx, agent, c.Account)
	return c, err
}
