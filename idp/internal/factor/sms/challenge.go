package sms

import (
	"context"
	"errors"
	"io"
	"time"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// The limits of a challenge (domain.md rows 10 and 14).
const (
	CodeLength = 9 // characters, shown as xxx-xxx-xxx
	ValidFor   = 10 * time.Minute
	MaxTries   = 5
)

// The ways in which a challenge is not met.
var (
	ErrWrong   = fault.New(fault.Invalid, "sms.code_wrong")
	ErrExpired = fault.New(fault.Gone, "sms.code_expired")
	ErrTries   = fault.New(fault.Gone, "sms.code_tries")
)

// Challenge is the pending proof of one number by one account.
type Challenge struct {
	Number    Number    `json:"number"`
	ExpiresAt time.Time `json:"expires_at"`
	Salt      string    `json:"salt"`
	Digest    string    `json:"digest"` // of salt and code
	Tries     int       `json:"tries"`  // wrong ones
}

// Challenges keeps one pending challenge per account in the expiring store.
type Challenges struct {
	store kv.Store
	now   func() time.Time
	rand  io.Reader
}

// NewChallenges makes it; now is the clock and random the source of codes.
func NewChallenges(store kv.Store, now func() time.Time, random io.Reader) *Challenges {
	return &Challenges{store: store, now: now, rand: random}
}

// Begin replaces the account's challenge by a new one and gives the code to send, grouped
// by hyphens. The code is kept nowhere in clear.
func (c *Challenges) Begin(ctx context.Context, id ident.AccountID, n Number) (Challenge, string, error) {
	code := ident.NewTypedCode(c.rand, CodeLength)
	ch := Challenge{Number: n, ExpiresAt: c.now().Add(ValidFor), Salt: ident.NewID(c.rand)}
	ch.Digest = ident.Digest(ch.Salt + code)
	err := kv.PutJSON(ctx, c.store, key(id), ch, ValidFor)
	return ch, ident.Grouped(code, 3), err
}

// Pending gives the account's challenge, or ErrExpired.
func (c *Challenges) Pending(ctx context.Context, id ident.AccountID) (Challenge, error) {
	ch, err := kv.GetJSON[Challenge](ctx, c.store, key(id))
	if errors.Is(err, kv.ErrNotFound) {
		return Challenge{}, ErrExpired
	}
	if err == nil {
		err = ch.alive(c.now())
	}
	return ch, err
}

// Prove gives the number if typed is its code, once: the challenge is gone afterwards. A
// wrong code is ErrWrong, and the fifth one ends the challenge.
func (c *Challenges) Prove(ctx context.Context, id ident.AccountID, typed string) (Number, error) {
	var right bool
	_, err := kv.Update(ctx, c.store, key(id), ValidFor, func(ch *Challenge) error {
		err := ch.alive(c.now())
		if err != nil {
			return err
		}
		right = ident.Same(ch.Digest, ident.Digest(ch.Salt+ident.CanonicalCode(typed)))
		if !right {
			ch.Tries++
		}
		return nil
	})
	switch {
	case err != nil:
		return "", err
	case !right:
		return "", ErrWrong
	}
	ch, err := kv.TakeJSON[Challenge](ctx, c.store, key(id))
	if errors.Is(err, kv.ErrNotFound) {
		return "", ErrExpired // another request with the same code was first
	}
	return ch.Number, err
}

// Cancel forgets the account's challenge.
func (c *Challenges) Cancel(ctx context.Context, id ident.AccountID) error {
	return c.store.Drop(ctx, key(id))
}

func (ch Challenge) alive(now time.Time) error {
	switch {
	case ch.Digest == "" || now.After(ch.ExpiresAt):
		return ErrExpired
	case ch.Tries >= MaxTries:
		return ErrTries
	}
	return nil
}

func key(id ident.AccountID) string { return "sms.challenge:" + string(id) }
