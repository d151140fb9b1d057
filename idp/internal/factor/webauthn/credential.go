package webauthn

import (
	"context"
	"slices"
	"time"

	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/policy"
)

// MaxCredentials is how many an account may have.
const MaxCredentials = 10

// Kind is what people call a credential, in the guide's words.
type Kind string

// The kinds. What a credential proves does not follow from its kind.
const (
	SecurityKey     Kind = "security_key"     // carried about: USB, NFC
	TrustedPlatform Kind = "trusted_platform" // built into one computer or phone (TPM, Secure Enclave)
	Passkey         Kind = "passkey"          // kept by a password manager, on several devices
)

// Status says whether a credential can be used.
type Status string

// A disabled credential stays listed, so that its owner sees what happened and removes it.
const (
	Active   Status = "active"
	Disabled Status = "disabled"
)

// Credential is one credential record (WebAuthn §4), living as long as it is not removed.
type Credential struct {
	ID           string // ours
	Account      ident.AccountID
	Name         string // chosen by the person, "blue key"
	CredentialID []byte // the authenticator's; unique among all accounts
	PublicKey    []byte // COSE_Key
	AAGUID       []byte // model of the authenticator; zeros when it does not tell
	Transports   []string
	Attachment   string // "platform", "cross-platform" or ""; the browser's word, for display
	// Verifies says that the authenticator verified its user (PIN, finger, face) when the
	// credential was added. A key that learned a PIN later may have learned it from a thief:
	// it never counts for more than its possession (WebAuthn §7.2, uvInitialized).
	Verifies       bool
	BackupEligible bool // may be copied to other devices; never changes
	BackedUp       bool
	Attested       bool   // the manufacturer is one of those that the operator trusts
	Counter        uint32 // signature counter as last seen; 0: the authenticator has none
	Status         Status
	AddedAt        time.Time
	LastUsedAt     time.Time // zero: never used
	IssuedAt       time.Time // when two helpdesk persons confirmed it; zero: they did not
}

// Kind gives what people call the credential.
func (c Credential) Kind() Kind {
	switch {
	case c.BackupEligible:
		return Passkey
	case c.Attachment == "platform":
		return TrustedPlatform
	}
	return SecurityKey
}

// Hardware reports whether the key verifies its user and provably stays in one device.
func (c Credential) Hardware() bool { return c.Verifies && c.Attested && !c.BackupEligible }

// Proves lists what one use of the credential can show, the strongest first.
func (c Credential) Proves() []policy.Method {
	out := []policy.Method{policy.SecurityKey}
	if c.Verifies {
		out = append(out, policy.Passkey)
	}
	if c.Hardware() {
		out = append(out, policy.HardwareKey)
		if !c.IssuedAt.IsZero() {
			out = append(out, policy.IssuedKey)
		}
	}
	slices.Reverse(out)
	return out
}

// shows says what one use amounts to; verified is whether the authenticator verified its user
// this time.
func (c Credential) shows(verified bool) policy.Method {
	if !verified {
		return policy.SecurityKey
	}
	return c.Proves()[0]
}

// Factor gives the credential as account care sees it.
func (c Credential) Factor() factor.Factor {
	return factor.Factor{
		Method: c.Proves()[0], ID: c.ID, Name: c.Name, AddedAt: c.AddedAt, LastUsedAt: c.LastUsedAt, Usable: c.Status == Active,
	}
}

// Use is what is kept of one sign-in.
type Use struct {
	At       time.Time
	Counter  uint32
	BackedUp bool
}

// Store keeps credentials. Every method is one transaction; removed credentials are seen by
// Restore only.
type Store interface {
	// Handle gives the account's user handle. fresh becomes it at the first call.
	Handle(ctx context.Context, account ident.AccountID, fresh []byte) ([]byte, error)
	// Owner gives the account of a user handle, factor.ErrUnknown when it is nobody's.
	Owner(ctx context.Context, handle []byte) (ident.AccountID, error)
	// Credentials lists an account's credentials, oldest first.
	Credentials(ctx context.Context, account ident.AccountID) ([]Credential, error)
	// Add stores a credential. ErrKnown: its CredentialID is registered; ErrTooMany: the
	// account has MaxCredentials.
	Add(ctx context.Context, c Credential, rec factor.Record) error
	// Rename changes the name; factor.ErrUnknown when the account has none of that id.
	Rename(ctx context.Context, account ident.AccountID, id, name string, rec factor.Record) error
	// Remove and Restore are those of factor.Keeper.
	Remove(ctx context.Context, account ident.AccountID, id string, rec factor.Record) error
	Restore(ctx context.Context, account ident.AccountID, id string, rec factor.Record) error
	// Used notes a use, and reports false when the credential is not active or its counter
	// is not below the one seen now (both zero are fine: WebAuthn §7.2).
	Used(ctx context.Context, id string, u Use) (bool, error)
	// Disable turns an active credential off and reports whether this call did it.
	Disable(ctx context.Context, id string, rec factor.Record) (bool, error)
	// Issue notes when a credential was confirmed; factor.ErrUnknown when it is not active.
	Issue(ctx context.Context, id string, rec factor.Record) error
	// ByID gives one credential of any account, factor.ErrUnknown when there is none.
	ByID(ctx context.Context, id string) (Credential, error)
}
