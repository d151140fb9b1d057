package manage

import (
	"context"
	"slices"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/proto/kit/fault"
)

// ErrDetails says that the language chosen is none that mails are written in.
var ErrDetails = fault.New(fault.Invalid, "manage.details").WithField("mail_lang", "myaccount.error.mail_lang")

// SetMailLang changes the language of mails; version is the one that the person's form was
// made from, and account.ErrChanged says that it is no longer the newest. The mail about
// it is already in the new language. Choosing the language one has changes nothing.
func (s *Service) SetMailLang(ctx context.Context, id account.ID, version int64, lang string) error {
	if !slices.Contains(notify.Languages, lang) {
		return ErrDetails
	}
	a, err := s.cfg.Accounts.ByID(ctx, id)
	if err != nil {
		return err
	}
	if a.Version != version {
		return account.ErrChanged
	}
	if a.MailLang == lang {
		return nil
	}
	a.MailLang = lang
	at := s.cfg.Now()
	return s.cfg.Accounts.Update(ctx, at, a,
		[]audit.Event{audit.DetailsChanged(id, "mail_lang")},
		[]notify.Message{notify.DetailsChanged(a.Person(), at, s.accountURL())})
}
