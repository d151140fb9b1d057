package webauthn

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	lib "github.com/go-webauthn/webauthn/webauthn"

	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/proto/kit/kv"
)

// Enrolled lists what the account can show by its credentials now.
func (s *Service) Enrolled(ctx context.Context, account ident.AccountID) ([]policy.Method, error) {
	all, err := s.Credentials(ctx, account)
	if err != nil {
		return nil, err
	}
	var out []policy.Method
	for _, c := range all {
		for _, m := range c.Proves() {
			if c.Status == Active && !slices.Contains(out, m) {
				out = append(out, m)
			}
		}
	}
	return out, nil
}

// Ask opens the ceremony of a sign-in; flow is its id. What the browser is asked is in Options
// (PublicKeyCredentialRequestOptionsJSON): the account's credentials, or, when nobody is named
// (account ""), any discoverable credential of a verified user; a sign-in then keeps its
// ceremony while it is fresh, so that a browser can answer it that was asked while the page
// still waited for an address. Errors: ErrNone, fault.TooMany.
func (s *Service) Ask(ctx context.Context, flow string, account ident.AccountID) (Ceremony, error) {
	if account == "" {
		return s.askAnybody(ctx, flow)
	}
	if err := s.Limits.Hit(ctx, LimitPerLogin, flow); err != nil {
		return Ceremony{}, err
	}
	challenge, err := s.challenge()
	if err != nil {
		return Ceremony{}, err
	}
	u, err := s.user(ctx, account)
	if err != nil {
		return Ceremony{}, err
	}
	u.credentials = slices.DeleteFunc(u.credentials, func(c Credential) bool { return c.Status != Active })
	if len(u.credentials) == 0 {
		return Ceremony{}, ErrNone
	}
	request, session, err := s.lib.BeginLogin(u, lib.WithChallenge(challenge))
	if err != nil {
		return Ceremony{}, err
	}
	session.AllowedCredentialIDs = nil // whatever the account has when it answers
	return s.open(ctx, signing, Ceremony{Account: account}, request.Response, session)
}

// askAnybody gives the ceremony that a sign-in opened before anybody was named, or opens one. Of
// several that open at once one becomes the sign-in's, and all get that one.
func (s *Service) askAnybody(ctx context.Context, flow string) (Ceremony, error) {
	have, c, err := s.fresh(ctx, flow)
	if err == nil || !errors.Is(err, ErrOver) {
		return c, err
	}
	if err := s.Limits.Hit(ctx, LimitPerLogin, flow); err != nil {
		return Ceremony{}, err
	}
	challenge, err := s.challenge()
	if err != nil {
		return Ceremony{}, err
	}
	request, session, err := s.lib.BeginDiscoverableLogin(lib.WithChallenge(challenge), lib.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Ceremony{}, err
	}
	if c, err = s.open(ctx, signing, Ceremony{}, request.Response, session); err != nil {
		return Ceremony{}, err
	}
	err = s.KV.Swap(ctx, openKey(flow), have, []byte(c.ID), ChallengeFor)
	if errors.Is(err, kv.ErrChanged) {
		_, c, err = s.fresh(ctx, flow)
	}
	return c, err
}

// fresh gives the open ceremony of a sign-in where nobody is named, if it was not answered yet
// and has time left; else ErrOver, and the id that is noted.
func (s *Service) fresh(ctx context.Context, flow string) ([]byte, Ceremony, error) {
	id, err := s.KV.Get(ctx, openKey(flow))
	if err != nil {
		return nil, Ceremony{}, over(err)
	}
	c, err := s.ceremony(ctx, signing, string(id), "")
	if err == nil && (c.Tries > 0 || c.ExpiresAt.Sub(s.Now()) < time.Minute) {
		err = ErrOver
	}
	return id, c, err
}

func openKey(flow string) string { return "keyopen:" + ident.Digest(flow) }

// Shown is what one sign-in showed.
type Shown struct {
	Credential Credential
	Method     policy.Method
}

// Answer looks at the browser's answer (AuthenticationResponseJSON) to a ceremony of the
// account, "" when nobody was named. A right answer ends the ceremony. Errors: ErrRefused with
// field "code", ErrOver.
func (s *Service) Answer(ctx context.Context, id string, account ident.AccountID, answer string) (Shown, error) {
	c, err := s.reserve(ctx, signing, id, account)
	if err != nil {
		return Shown{}, err
	}
	parsed, err := parse(answer)
	if err != nil {
		return Shown{}, err
	}
	u, err := s.answering(ctx, account, parsed.Response.UserHandle)
	if err != nil {
		return Shown{}, err
	}
	k, err := s.verify(u, c.Session, parsed)
	if err != nil {
		return Shown{}, err
	}
	return s.count(ctx, c, k, parsed.Response.AuthenticatorData)
}

func parse(answer string) (*protocol.ParsedCredentialAssertionData, error) {
	if len(answer) > maxAnswer {
		return nil, refused(whyMalformed, nil)
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil {
		return nil, refused(whyMalformed, err)
	}
	return parsed, nil
}

// answering gives the person who answers: the one who is named, or the owner of the handle.
func (s *Service) answering(ctx context.Context, account ident.AccountID, handle []byte) (user, error) {
	if account == "" {
		owner, err := s.Store.Owner(ctx, handle)
		if errors.Is(err, factor.ErrUnknown) {
			return user{}, refused(whyUnknown, err)
		}
		if err != nil {
			return user{}, err
		}
		account = owner
	}
	return s.user(ctx, account)
}

// verify checks the answer against challenge, address, flags and key (WebAuthn §7.2), and gives
// the credential that signed. It reads and writes nothing.
func (s *Service) verify(u user, session lib.SessionData, parsed *protocol.ParsedCredentialAssertionData) (Credential, error) {
	known := slices.IndexFunc(u.credentials, func(k Credential) bool { return bytes.Equal(k.CredentialID, parsed.RawID) })
	if known < 0 {
		return Credential{}, refused(whyUnknown, nil)
	}
	if session.UserVerification == protocol.VerificationRequired && !parsed.Response.AuthenticatorData.Flags.HasUserVerified() {
		return Credential{}, refused(whyVerify, nil)
	}
	var err error
	if len(session.UserID) == 0 {
		_, err = s.lib.ValidateDiscoverableLogin(func([]byte, []byte) (lib.User, error) { return u, nil }, session, parsed)
	} else {
		_, err = s.lib.ValidateLogin(u, session, parsed)
	}
	if err != nil {
		return Credential{}, refused(whyWrong, err)
	}
	return u.credentials[known], nil
}

// count takes a right answer: the ceremony is over, the counter moves on.
func (s *Service) count(ctx context.Context, c Ceremony, k Credential, data protocol.AuthenticatorData) (Shown, error) {
	switch {
	case k.Status != Active:
		return Shown{}, refused(whyDisabled, nil)
	case c.Account == "" && !k.Verifies:
		return Shown{}, refused(whyPossession, nil)
	}
	if err := s.use(ctx, signing, c.ID); err != nil {
		return Shown{}, err
	}
	ok, err := s.Store.Used(ctx, k.ID, Use{At: s.Now(), Counter: data.Counter, BackedUp: data.Flags.HasBackupState()})
	if err != nil {
		return Shown{}, err
	}
	if !ok {
		return Shown{}, s.copied(ctx, k)
	}
	return Shown{k, k.shows(data.Flags.HasUserVerified())}, nil
}

// copied disables a credential whose counter went back: two authenticators may hold its key
// (WebAuthn §6.1.1). Its owner is told by mail.
func (s *Service) copied(ctx context.Context, k Credential) error {
	person, err := s.People.Person(ctx, k.Account)
	if err != nil {
		return err
	}
	if _, err := s.Store.Disable(ctx, k.ID, s.disabled(k, person)); err != nil {
		return err
	}
	return refused(whyCounter, nil)
}
