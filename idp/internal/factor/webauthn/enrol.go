package webauthn

import (
	"context"
	"slices"

	"github.com/go-webauthn/webauthn/protocol"
	lib "github.com/go-webauthn/webauthn/webauthn"

	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/ident"
)

// Begin opens the ceremony that adds a credential: what the browser is asked is in Options
// (PublicKeyCredentialCreationOptionsJSON). Credentials that the account has are excluded.
// Errors: ErrForm with a field, ErrTooMany.
func (s *Service) Begin(ctx context.Context, account ident.AccountID, name string) (Ceremony, error) {
	u, err := s.user(ctx, account)
	if err != nil {
		return Ceremony{}, err
	}
	if name, err = checkName(name, "", u.credentials); err != nil {
		return Ceremony{}, err
	}
	if len(u.credentials) >= MaxCredentials {
		return Ceremony{}, ErrTooMany.WithArgs(MaxCredentials)
	}
	challenge, err := s.challenge()
	if err != nil {
		return Ceremony{}, err
	}
	creation, session, err := s.lib.BeginRegistration(u, lib.WithExclusions(u.descriptors()),
		func(o *protocol.PublicKeyCredentialCreationOptions) error { o.Challenge = challenge; return nil })
	if err != nil {
		return Ceremony{}, err
	}
	return s.open(ctx, adding, Ceremony{Account: account, Name: name}, creation.Response, session)
}

// Begun gives a ceremony that adds a credential, as long as it can be answered; else ErrOver.
func (s *Service) Begun(ctx context.Context, account ident.AccountID, id string) (Ceremony, error) {
	c, err := s.ceremony(ctx, adding, id, account)
	if err == nil && c.Tries >= AnswerTries {
		err = ErrOver
	}
	return c, err
}

// Finish looks at the browser's answer (RegistrationResponseJSON) and stores the credential.
// Errors: ErrRefused with field "code", ErrOver, ErrKnown, ErrTooMany.
func (s *Service) Finish(ctx context.Context, account ident.AccountID, id, answer string) (Credential, error) {
	c, err := s.reserve(ctx, adding, id, account)
	if err != nil {
		return Credential{}, err
	}
	made, attested, err := s.made(c.Session, answer)
	if err != nil {
		return Credential{}, err
	}
	if err := s.use(ctx, adding, id); err != nil {
		return Credential{}, err
	}
	n := s.credential(c, made, attested)
	rec, err := s.Journal.Added(ctx, account, n.Factor())
	if err != nil {
		return Credential{}, err
	}
	return n, s.Store.Add(ctx, n, rec)
}

// made checks the answer against challenge, address, flags and attestation (WebAuthn §7.1). It
// reads and writes nothing.
func (s *Service) made(session lib.SessionData, answer string) (*lib.Credential, bool, error) {
	if len(answer) > maxAnswer {
		return nil, false, refused(whyMalformed, nil)
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(answer))
	if err != nil {
		return nil, false, refused(whyMalformed, err)
	}
	made, err := s.lib.CreateCredential(user{handle: session.UserID}, session, parsed)
	if err != nil {
		return nil, false, refused(whyWrong, err)
	}
	return made, s.attested(parsed), nil
}

// credential makes the record of what the ceremony brought.
func (s *Service) credential(c Ceremony, made *lib.Credential, attested bool) Credential {
	n := Credential{
		ID: ident.NewID(s.Rand), Account: c.Account, Name: c.Name, CredentialID: made.ID, PublicKey: made.PublicKey,
		AAGUID: made.Authenticator.AAGUID, Attachment: string(made.Authenticator.Attachment), Verifies: made.Flags.UserVerified,
		BackupEligible: made.Flags.BackupEligible, BackedUp: made.Flags.BackupState, Attested: attested,
		Counter: made.Authenticator.SignCount, Status: Active, AddedAt: s.Now(),
	}
	for _, t := range made.Transport {
		if known := slices.Contains(ways, t); known && !slices.Contains(n.Transports, string(t)) {
			n.Transports = append(n.Transports, string(t))
		}
	}
	return n
}

// ways are the transports that are kept; what else a browser says about itself is not.
var ways = []protocol.AuthenticatorTransport{
	protocol.USB, protocol.NFC, protocol.BLE, protocol.SmartCard, protocol.Hybrid, protocol.Internal,
}

// checkName tidies a name that no other credential has; except is the credential that bears it.
func checkName(typed, except string, others []Credential) (string, error) {
	name := factor.CleanName(typed)
	if name == "" {
		return "", ErrForm.WithField("name", "keys.name.shape", factor.MaxName)
	}
	if slices.ContainsFunc(others, func(c Credential) bool { return c.Name == name && c.ID != except }) {
		return "", ErrForm.WithField("name", "keys.name.taken")
	}
	return name, nil
}
