package address

import (
	"context"
	"errors"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/proto/kit/fault"
)

// Rename gives the person another name; version is the one that the form was made from
// (account.ErrChanged). Services that know the person hear of it.
func (s *Service) Rename(ctx context.Context, id account.ID, version int64, given, family string) error {
	a, err := s.Store.ByID(ctx, id)
	if err != nil {
		return err
	}
	if a.Version != version {
		return account.ErrChanged
	}
	bad := ErrForm
	given, err = account.Name(given)
	bad = nameFault(bad, "given", err)
	family, err = account.Name(family)
	bad = nameFault(bad, "family", err)
	if err := bad.Or(); err != nil {
		return err
	}
	if given == a.GivenName && family == a.FamilyName {
		return nil
	}
	a.GivenName, a.FamilyName = given, family
	at := s.Now()
	return s.Store.Update(ctx, at, a, []audit.Event{audit.NameChanged(id)}, []notify.Message{notify.DetailsChanged(a.Person(), at, s.Issuer+"/account")})
}

func nameFault(bad *fault.Error, field string, err error) *fault.Error {
	switch {
	case errors.Is(err, account.ErrNameEmpty):
		return bad.WithField(field, "address.error."+field+"_empty")
	case errors.Is(err, account.ErrNameLong):
		return bad.WithField(field, "address.error.name_long", account.MaxName)
	case err != nil:
		return bad.WithField(field, "address.error.name_chars")
	}
	return bad
}
