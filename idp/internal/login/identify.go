package login

import (
	"context"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/proto/kit/fault"
)

// ErrEmail: the address is missing or malformed.
var ErrEmail = fault.New(fault.Invalid, "login.email")

// Identify takes the e-mail address. It is also the way back ("not you?"): later answers are
// undone. A known and an unknown address go the same way.
func (s *Service) Identify(ctx context.Context, id, browser, email string) (View, error) {
	if _, err := s.open(ctx, id, browser); err != nil {
		return View{}, err
	}
	typed, err := ident.Email(email)
	if err != nil {
		return View{}, ErrEmail.WithField("email", "signin.email.malformed")
	}
	key, err := ident.EmailKey(email)
	if err != nil {
		return View{}, ErrEmail.WithField("email", "signin.email.malformed")
	}
	acc, err := s.Accounts.ByEmailKey(ctx, key)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return View{}, err
	}
	if !acc.Usable() {
		acc = account.Account{}
	}
	return s.named(ctx, id, func(f *Flow) {
		f.name(acc)
		f.Email = typed // the account's own spelling would tell that it exists
	})
}

// Prove adds a proof that was made outside the pages of sign-in (the password just chosen at
// registration) to a flow of the same browser, and names the person.
func (s *Service) Prove(ctx context.Context, id, browser string, acc account.Account, p policy.Proof) (View, error) {
	if _, err := s.open(ctx, id, browser); err != nil {
		return View{}, err
	}
	return s.named(ctx, id, func(f *Flow) {
		f.name(acc)
		f.Proofs = []policy.Proof{p}
	})
}

// named says who signs in. A recovery is for one person and no other.
func (s *Service) named(ctx context.Context, id string, name func(*Flow)) (View, error) {
	f, err := s.change(ctx, id, func(f *Flow) error {
		if f.Request.Kind == KindRecover {
			return ErrPast
		}
		name(f)
		return nil
	})
	if err != nil {
		return View{}, err
	}
	return s.view(ctx, f)
}
