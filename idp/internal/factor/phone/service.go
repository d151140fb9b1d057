package phone

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/challenge"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/seal"
	"eulogin.example/proto/kit/kv"
)

// Hasher turns PINs into slow hashes on a bounded number of workers. Both methods give a
// fault.Unavailable when no worker is free in time; then nothing was decided.
type Hasher interface {
	Hash(ctx context.Context, plain string) (string, error)
	Verify(ctx context.Context, hash, plain string) (bool, error)
}

// Limiter counts events under the names of package limit and gives fault.TooMany.
type Limiter interface {
	Hit(ctx context.Context, name, key string) error
}

// People looks up an account's owner.
type People interface {
	Person(ctx context.Context, account ident.AccountID) (notify.Person, error)
}

// Config is what the service needs; every field but Waker is required.
type Config struct {
	Issuer  string // the identity provider's address without a slash at the end; part of what phones sign
	Store   Store
	KV      kv.Store
	Hasher  Hasher
	Limits  Limiter
	People  People
	Journal factor.Journal
	Box     *seal.Box // hides the keys of offline codes
	Waker   Waker     // may be nil: phones that are not open are not woken
	Now     func() time.Time
	Rand    io.Reader
}

// Service holds the rules of enrolment, sign-in requests and PINs.
type Service struct {
	issuer    string
	store     Store
	kv        kv.Store
	hash      Hasher
	limits    Limiter
	people    People
	journal   factor.Journal
	box       *seal.Box
	now       func() time.Time
	rand      io.Reader
	bio       authenticators
	waker     Waker
	questions *challenge.Book // QR codes of sign-ins
}

// New checks the configuration.
func New(c Config) (*Service, error) {
	var faults []error
	for _, f := range []struct {
		name    string
		missing bool
	}{
		{"Issuer", c.Issuer == ""}, {"Store", c.Store == nil}, {"KV", c.KV == nil}, {"Hasher", c.Hasher == nil},
		{"Limits", c.Limits == nil}, {"People", c.People == nil}, {"Journal", c.Journal == nil}, {"Box", c.Box == nil}, {"Now", c.Now == nil}, {"Rand", c.Rand == nil},
	} {
		if f.missing {
			faults = append(faults, fmt.Errorf("phone: %s is missing", f.name))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	bio, err := newAuthenticators(c.Issuer)
	if err != nil {
		return nil, fmt.Errorf("phone: %w", err)
	}
	return &Service{
		bio: bio, waker: c.Waker,
		issuer: c.Issuer, store: c.Store, kv: c.KV, hash: c.Hasher,
		limits: c.Limits, people: c.People, journal: c.Journal, box: c.Box, now: c.Now, rand: c.Rand,
		questions: challenge.NewBook("app_qr", c.KV, c.Now, c.Rand).For(QRFor),
	}, nil
}

// IsID reports whether a text has the shape of our ids; nothing else ever becomes part of
// a store's key.
func IsID(s string) bool {
	if len(s) != 26 {
		return false
	}
	for _, r := range s {
		if !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' && r != 'i' && r != 'l' && r != 'o' && r != 'u') {
			return false
		}
	}
	return true
}
