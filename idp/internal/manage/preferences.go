package manage

import (
	"context"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/proto/kit/fault"
)

// Preferences are what a person wants of sign-ins (domain.md row 20). Mails about changes of
// the account's security are none of them: they cannot be turned off.
type Preferences struct {
	TellSignIn  bool // mail about a sign-in from a browser that is new
	WarnRelease bool // be asked each time before a service learns who one is
	ShowDetails bool // see one's details after signing in
	AlwaysMFA   bool // never be let in by the password alone
	Adaptive    bool // in one's own browsers the app may stand for the password
}

// ErrAlwaysMFA: there are not two factors, and no recovery codes.
var ErrAlwaysMFA = fault.New(fault.Invalid, "manage.always_mfa").WithField("always_mfa", "myaccount.error.always_mfa")

// SetPreferences changes the preferences; version is the one that the form was made from, and
// account.ErrChanged says that it is no longer the newest.
func (s *Service) SetPreferences(ctx context.Context, id account.ID, version int64, want Preferences) error {
	a, err := s.cfg.Accounts.ByID(ctx, id)
	if err != nil {
		return err
	}
	if a.Version != version {
		return account.ErrChanged
	}
	if want.AlwaysMFA && !a.AlwaysMFA {
		all, err := s.cfg.Keepers.All(ctx, id)
		if err != nil {
			return err
		}
		if !CheckUp(all).MayAlwaysRequire() {
			return ErrAlwaysMFA
		}
	}
	before := Preferences{a.TellSignIn, a.WarnRelease, a.ShowDetails, a.AlwaysMFA, a.Adaptive}
	if want == before {
		return nil
	}
	a.TellSignIn, a.WarnRelease, a.ShowDetails, a.AlwaysMFA, a.Adaptive = want.TellSignIn, want.WarnRelease, want.ShowDetails, want.AlwaysMFA, want.Adaptive
	at := s.cfg.Now()
	return s.cfg.Accounts.Update(ctx, at, a, []audit.Event{audit.DetailsChanged(id, want.changed(before)...)},
		[]notify.Message{notify.DetailsChanged(a.Person(), at, s.accountURL())})
}

// changed names the preferences that differ.
func (p Preferences) changed(from Preferences) (out []string) {
	for _, f := range []struct {
		name    string
		changed bool
	}{
		{"tell_signin", p.TellSignIn != from.TellSignIn}, {"warn_release", p.WarnRelease != from.WarnRelease},
		{"show_details", p.ShowDetails != from.ShowDetails}, {"always_mfa", p.AlwaysMFA != from.AlwaysMFA},
		{"adaptive", p.Adaptive != from.Adaptive},
	} {
		if f.changed {
			out = append(out, f.name)
		}
	}
	return out
}
