package signup

import (
	"errors"
	"slices"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/proto/kit/fault"
)

// ErrForm says which fields of the form cannot be accepted.
var ErrForm = fault.New(fault.Invalid, "signup.form")

// Form is what the visitor typed.
type Form struct {
	GivenName, FamilyName string
	Email, EmailAgain     string
	MailLang              string
	Privacy               bool   // the privacy statement was accepted
	Flow                  string // sign-in flow to go on with afterwards; "" for none
}

// registration is a form that was accepted; it waits in the ticket.
type registration struct {
	GivenName  string `json:"given"`
	FamilyName string `json:"family"`
	Email      string `json:"email"`
	Key        string `json:"key"`
	MailLang   string `json:"lang"`
	Privacy    string `json:"privacy"` // version
	Flow       string `json:"flow,omitempty"`
}

// check tidies the form, or gives ErrForm with every fault at once.
func (s *Service) check(f Form) (registration, error) {
	r := registration{MailLang: f.MailLang, Privacy: s.cfg.PrivacyVersion}
	if len(f.Flow) <= maxFlow {
		r.Flow = f.Flow
	}
	bad := ErrForm
	var err error
	r.GivenName, err = account.Name(f.GivenName)
	bad = nameFault(bad, "given", err)
	r.FamilyName, err = account.Name(f.FamilyName)
	bad = nameFault(bad, "family", err)
	r.Email, err = ident.Email(f.Email)
	again, errAgain := ident.Email(f.EmailAgain)
	switch {
	case err != nil:
		bad = bad.WithField("email", "join.error.email")
	case errAgain != nil || again != r.Email:
		bad = bad.WithField("email_again", "join.error.email_again")
	case account.RefusedDomain(r.Email, s.cfg.RefusedDomains) != "":
		bad = bad.WithField("email", "join.error.domain", account.RefusedDomain(r.Email, s.cfg.RefusedDomains))
	}
	if !slices.Contains(notify.Languages, f.MailLang) {
		bad = bad.WithField("mail_lang", "join.error.mail_lang")
	}
	if !f.Privacy {
		bad = bad.WithField("privacy", "join.error.privacy")
	}
	if err = bad.Or(); err != nil {
		return registration{}, err
	}
	r.Key, err = ident.EmailKey(r.Email)
	return r, err
}

// maxFlow bounds the flow's id, which travels through the visitor's hands.
const maxFlow = 128

func nameFault(bad *fault.Error, field string, err error) *fault.Error {
	switch {
	case errors.Is(err, account.ErrNameEmpty):
		return bad.WithField(field, "join.error."+field+"_empty")
	case errors.Is(err, account.ErrNameLong):
		return bad.WithField(field, "join.error.name_long", account.MaxName)
	case err != nil:
		return bad.WithField(field, "join.error.name_chars")
	}
	return bad
}
