package phone

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"

	"github.com/go-webauthn/webauthn/protocol"
	lib "github.com/go-webauthn/webauthn/webauthn"
)

// Biometrics is the authenticator of a phone itself: WebAuthn with user verification, by
// fingerprint, face, or what else opens the phone. Empty: switched off.
type Biometrics struct {
	ID       []byte // of the credential
	Key      []byte // COSE public key
	Backup   bool   // the credential may be copied to the owner's other phones
	Counter  uint32
	Failures int // answers taken in since the last right one
}

// On reports whether biometrics can stand for the PIN.
func (b Biometrics) On() bool { return len(b.ID) > 0 }

// authenticators checks what phones' own authenticators say.
type authenticators struct{ rp *lib.WebAuthn }

func newAuthenticators(issuer string) (authenticators, error) {
	u, err := url.Parse(issuer)
	if err != nil {
		return authenticators{}, err
	}
	rp, err := lib.New(&lib.Config{RPID: u.Hostname(), RPDisplayName: u.Hostname(), RPOrigins: []string{u.Scheme + "://" + u.Host}})
	return authenticators{rp}, err
}

// owner is a device as the library sees it. Its handle is the device's id: what another
// device's authenticator says is nothing here.
type owner struct {
	device Device
	email  string
}

func (o owner) WebAuthnID() []byte          { return []byte(o.device.ID) }
func (o owner) WebAuthnName() string        { return o.email }
func (o owner) WebAuthnDisplayName() string { return o.email }
func (o owner) WebAuthnCredentials() []lib.Credential {
	b := o.device.Bio
	if !b.On() {
		return nil
	}
	return []lib.Credential{{
		ID: b.ID, PublicKey: b.Key, Flags: lib.CredentialFlags{UserVerified: true, BackupEligible: b.Backup}, Authenticator: lib.Authenticator{SignCount: b.Counter},
	}}
}

// ask gives what the phone's browser is asked (PublicKeyCredentialCreationOptionsJSON), and
// what its answer is checked against.
func (a authenticators) ask(o owner, challenge []byte) ([]byte, lib.SessionData, error) {
	creation, session, err := a.rp.BeginRegistration(o, lib.WithAuthenticatorSelection(protocol.AuthenticatorSelection{
		AuthenticatorAttachment: protocol.Platform, ResidentKey: protocol.ResidentKeyRequirementDiscouraged, UserVerification: protocol.VerificationRequired,
	}), func(c *protocol.PublicKeyCredentialCreationOptions) error { c.Challenge = challenge; return nil })
	if err != nil {
		return nil, lib.SessionData{}, err
	}
	options, err := json.Marshal(creation.Response)
	return options, *session, err
}

// made checks the answer (RegistrationResponseJSON; WebAuthn §7.1).
func (a authenticators) made(o owner, session lib.SessionData, answer []byte) (Biometrics, error) {
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return Biometrics{}, err
	}
	c, err := a.rp.CreateCredential(o, session, parsed)
	if err != nil {
		return Biometrics{}, err
	}
	return Biometrics{ID: c.ID, Key: c.PublicKey, Backup: c.Flags.BackupEligible, Counter: c.Authenticator.SignCount}, nil
}

// shown checks an assertion (AuthenticationResponseJSON; WebAuthn §7.2) whose challenge is the
// SHA-256 of a statement, by a verified user, and gives the authenticator's counter.
func (a authenticators) shown(o owner, statement, answer []byte) (uint32, error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return 0, err
	}
	sum := sha256.Sum256(statement)
	_, err = a.rp.ValidateLogin(o, lib.SessionData{
		Challenge: base64.RawURLEncoding.EncodeToString(sum[:]), UserID: o.WebAuthnID(), AllowedCredentialIDs: [][]byte{o.device.Bio.ID}, UserVerification: protocol.VerificationRequired,
	}, parsed)
	return parsed.Response.AuthenticatorData.Counter, err
}
