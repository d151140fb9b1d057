package webauthn

import (
	"context"
	"slices"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/policy"
)

// Credentials lists an account's credentials, oldest first.
func (s *Service) Credentials(ctx context.Context, account ident.AccountID) ([]Credential, error) {
	all, err := s.Store.Credentials(ctx, account)
	for i := range all {
		all[i] = s.trusted(all[i])
	}
	return all, err
}

// trusted holds a credential against what the operator trusts today: without any maker no
// attestation counts, those of former times included.
func (s *Service) trusted(c Credential) Credential {
	c.Attested = c.Attested && s.Roots != nil
	return c
}

// Credential gives one credential of an account; factor.ErrUnknown for another account's too.
func (s *Service) Credential(ctx context.Context, account ident.AccountID, id string) (Credential, error) {
	all, err := s.Credentials(ctx, account)
	if err != nil {
		return Credential{}, err
	}
	i := slices.IndexFunc(all, func(c Credential) bool { return c.ID == id })
	if i < 0 {
		return Credential{}, factor.ErrUnknown
	}
	return all[i], nil
}

// Rename gives a credential another name. Errors: ErrForm with a field, factor.ErrUnknown.
func (s *Service) Rename(ctx context.Context, account ident.AccountID, id, typed string) error {
	c, err := s.Credential(ctx, account, id)
	if err != nil {
		return err
	}
	all, err := s.Credentials(ctx, account)
	if err != nil {
		return err
	}
	name, err := checkName(typed, id, all)
	if err != nil || name == c.Name {
		return err
	}
	return s.Store.Rename(ctx, account, id, name, factor.Record{At: s.Now(), Events: []audit.Event{audit.FactorRenamed(account, string(policy.SecurityKey), id)}})
}

// Remove removes a credential at its owner's wish; it can be brought back for factor.KeptFor.
// bares is that of factor.Record.
func (s *Service) Remove(ctx context.Context, account ident.AccountID, id string, bares bool) error {
	c, err := s.Credential(ctx, account, id)
	if err != nil {
		return err
	}
	rec, err := s.Journal.Removed(ctx, account, c.Factor())
	if err != nil {
		return err
	}
	rec.Bares = bares
	return s.Store.Remove(ctx, account, id, rec)
}

// IssueBy confirms a key of attested hardware, which then gives the level HIGH: by are the
// two or more different helpdesk persons who saw it in its owner's hand, confirms the case of theirs
// that ends with it. Errors: ErrConfirm, factor.ErrUnknown, factor.ErrConfirmed.
func (s *Service) IssueBy(ctx context.Context, id string, confirms factor.Confirmation, by ...ident.AccountID) error {
	c, err := s.Store.ByID(ctx, id)
	if err != nil {
		return err
	}
	c = s.trusted(c)
	people := slices.Compact(slices.Sorted(slices.Values(by)))
	if len(people) < 2 || slices.Contains(people, "") || slices.Contains(people, c.Account) || !c.Hardware() || c.Status != Active {
		return ErrConfirm
	}
	person, err := s.People.Person(ctx, c.Account)
	if err != nil {
		return err
	}
	return s.Store.Issue(ctx, id, factor.Record{
		At: s.Now(), Confirms: confirms, Events: []audit.Event{audit.KeyIssued(c.Account, id, people)},
		Notices: []notify.Message{notify.KeyIssued(person, c.Name, s.Now(), s.keysURL())},
	})
}

func (s *Service) disabled(c Credential, p notify.Person) factor.Record {
	return factor.Record{
		At: s.Now(), Events: []audit.Event{audit.KeyDisabled(c.Account, c.ID)},
		Notices: []notify.Message{notify.KeyDisabled(p, c.Name, s.Now(), s.keysURL())},
	}
}

func (s *Service) keysURL() string { return s.Issuer + "/account/keys" }

// Keeper offers an account's credentials to account care.
type Keeper struct{ Store Store }

var _ factor.Keeper = Keeper{}

// Factors implements factor.Keeper.
func (k Keeper) Factors(ctx context.Context, account ident.AccountID) ([]factor.Factor, error) {
	all, err := k.Store.Credentials(ctx, account)
	var out []factor.Factor
	for _, c := range all {
		out = append(out, c.Factor())
	}
	return out, err
}

// Remove implements factor.Keeper.
func (k Keeper) Remove(ctx context.Context, account ident.AccountID, id string, rec factor.Record) error {
	return k.Store.Remove(ctx, account, id, rec)
}

// Restore implements factor.Keeper.
func (k Keeper) Restore(ctx context.Context, account ident.AccountID, id string, rec factor.Record) error {
	return k.Store.Restore(ctx, account, id, rec)
}
