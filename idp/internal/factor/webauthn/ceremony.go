package webauthn

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	lib "github.com/go-webauthn/webauthn/webauthn"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/kv"
)

// Ceremony is one challenge under way: of somebody who adds a credential, or who signs in.
type Ceremony struct {
	ID        string          `json:"id"`
	Account   ident.AccountID `json:"account,omitempty"` // "" while nobody is named
	Name      string          `json:"name,omitempty"`    // of the credential to be added
	Options   string          `json:"options"`           // what the browser is asked, as JSON
	Session   lib.SessionData `json:"session"`
	Tries     int             `json:"tries,omitempty"` // answers taken in
	ExpiresAt time.Time       `json:"expires"`
}

// maxAnswer is the size of a browser's answer that is looked at; attestations with a chain of
// certificates stay well below.
const maxAnswer = 32 << 10

// purpose keeps the challenges of the two ceremonies apart.
type purpose string

const (
	adding  purpose = "keyadd:"
	signing purpose = "keysign:"
)

// open keeps a new ceremony.
func (s *Service) open(ctx context.Context, p purpose, c Ceremony, options any, session *lib.SessionData) (Ceremony, error) {
	raw, err := json.Marshal(options)
	if err != nil {
		return Ceremony{}, err
	}
	c.ID, c.Options, c.Session, c.ExpiresAt = ident.NewID(s.Rand), string(raw), *session, s.Now().Add(ChallengeFor)
	return c, kv.PutJSON(ctx, s.KV, string(p)+c.ID, c, ChallengeFor)
}

// ceremony reads a living ceremony of an account.
func (s *Service) ceremony(ctx context.Context, p purpose, id string, account ident.AccountID) (Ceremony, error) {
	if !ident.IsID(id) {
		return Ceremony{}, ErrOver
	}
	c, err := kv.GetJSON[Ceremony](ctx, s.KV, string(p)+id)
	if err != nil {
		return Ceremony{}, over(err)
	}
	if c.Account != account || !s.Now().Before(c.ExpiresAt) {
		return Ceremony{}, ErrOver
	}
	return c, nil
}

// reserve counts one answer before it is looked at.
func (s *Service) reserve(ctx context.Context, p purpose, id string, account ident.AccountID) (Ceremony, error) {
	if _, err := s.ceremony(ctx, p, id, account); err != nil {
		return Ceremony{}, err
	}
	return kv.Update(ctx, s.KV, string(p)+id, ChallengeFor, func(c *Ceremony) error {
		if c.ID == "" || c.Tries >= AnswerTries {
			return ErrOver
		}
		c.Tries++
		return nil
	})
}

// use ends a ceremony whose answer was right, for one caller only.
func (s *Service) use(ctx context.Context, p purpose, id string) error {
	_, err := s.KV.Take(ctx, string(p)+id)
	return over(err)
}

func over(err error) error {
	if errors.Is(err, kv.ErrNotFound) {
		return ErrOver
	}
	return err
}
