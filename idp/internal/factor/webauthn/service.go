package webauthn

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	lib "github.com/go-webauthn/webauthn/webauthn"

	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/proto/kit/kv"
)

// ChallengeFor is how long a person may take for one ceremony, and AnswerTries how many
// answers a challenge takes.
const (
	ChallengeFor = 5 * time.Minute
	AnswerTries  = 5
)

// LimitPerLogin is the limit, in the table of package limit, that the challenges of one
// sign-in count under.
const LimitPerLogin = "key.login"

// Limiter counts events under the names of package limit and gives fault.TooMany.
type Limiter interface {
	Hit(ctx context.Context, name, key string) error
}

// People looks up an account's owner.
type People interface {
	Person(ctx context.Context, account ident.AccountID) (notify.Person, error)
}

// Config is what the service needs; every field but Roots is required.
type Config struct {
	Issuer  string         // the identity provider's address; its host is the relying party's id
	Product string         // the name that browsers show
	Roots   *x509.CertPool // manufacturers whose attestation counts; nil: none is asked for
	Store   Store
	KV      kv.Store
	Limits  Limiter
	People  People
	Journal factor.Journal
	Now     func() time.Time
	Rand    io.Reader
}

// Service holds the rules of credentials and ceremonies.
type Service struct {
	Config
	lib *lib.WebAuthn
}

// New checks the configuration. Browsers refuse Web Authentication on an address that is an
// IP number (WebAuthn §5.1.2), and so does New.
func New(c Config) (*Service, error) {
	var faults []error
	for _, f := range []struct {
		name    string
		missing bool
	}{
		{"Issuer", c.Issuer == ""}, {"Product", c.Product == ""}, {"Store", c.Store == nil}, {"KV", c.KV == nil}, {"Limits", c.Limits == nil},
		{"People", c.People == nil}, {"Journal", c.Journal == nil}, {"Now", c.Now == nil}, {"Rand", c.Rand == nil},
	} {
		if f.missing {
			faults = append(faults, fmt.Errorf("webauthn: %s is missing", f.name))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	l, err := relyingParty(c)
	if err != nil {
		return nil, fmt.Errorf("webauthn: %w", err)
	}
	return &Service{Config: c, lib: l}, nil
}

// relyingParty is what browsers and authenticators know us by.
func relyingParty(c Config) (*lib.WebAuthn, error) {
	u, err := url.Parse(c.Issuer)
	if err != nil {
		return nil, err
	}
	attestation := protocol.PreferNoAttestation
	if c.Roots != nil {
		attestation = protocol.PreferDirectAttestation
	}
	return lib.New(&lib.Config{
		RPID: u.Hostname(), RPDisplayName: c.Product, RPOrigins: []string{u.Scheme + "://" + u.Host},
		AttestationPreference: attestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementPreferred, UserVerification: protocol.VerificationPreferred,
		},
		Timeouts: lib.TimeoutsConfig{Login: lib.TimeoutConfig{Timeout: ChallengeFor}, Registration: lib.TimeoutConfig{Timeout: ChallengeFor}},
	})
}

// user is an account as the library sees it.
type user struct {
	handle      []byte
	person      notify.Person
	credentials []Credential
}

func (u user) WebAuthnID() []byte          { return u.handle }
func (u user) WebAuthnName() string        { return u.person.Email }
func (u user) WebAuthnDisplayName() string { return u.person.Name }

func (u user) WebAuthnCredentials() []lib.Credential {
	out := make([]lib.Credential, 0, len(u.credentials))
	for _, c := range u.credentials {
		out = append(out, lib.Credential{
			ID: c.CredentialID, PublicKey: c.PublicKey, Transport: transports(c.Transports),
			Flags:         lib.CredentialFlags{UserVerified: c.Verifies, BackupEligible: c.BackupEligible, BackupState: c.BackedUp},
			Authenticator: lib.Authenticator{AAGUID: c.AAGUID, SignCount: c.Counter},
		})
	}
	return out
}

// descriptors names the credentials for allowCredentials and excludeCredentials.
func (u user) descriptors() []protocol.CredentialDescriptor {
	return lib.Credentials(u.WebAuthnCredentials()).CredentialDescriptors()
}

func transports(names []string) []protocol.AuthenticatorTransport {
	var out []protocol.AuthenticatorTransport
	for _, n := range names {
		out = append(out, protocol.AuthenticatorTransport(n))
	}
	return out
}

// user reads an account with its credentials. The user handle is a random number of this
// factor alone: it lies readable in authenticators and password managers, and says nothing.
func (s *Service) user(ctx context.Context, account ident.AccountID) (user, error) {
	fresh := make([]byte, 32)
	if _, err := io.ReadFull(s.Rand, fresh); err != nil {
		return user{}, err
	}
	handle, err := s.Store.Handle(ctx, account, fresh)
	if err != nil {
		return user{}, err
	}
	person, err := s.People.Person(ctx, account)
	if err != nil {
		return user{}, err
	}
	all, err := s.Credentials(ctx, account)
	return user{handle, person, all}, err
}

// challenge draws what the authenticator signs.
func (s *Service) challenge() ([]byte, error) {
	c := make([]byte, 32)
	_, err := io.ReadFull(s.Rand, c)
	return c, err
}
