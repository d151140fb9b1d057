// Package challenge is an open question for a code that somebody types: whom it is for, until
// when, and how many tries are left. Every method with typed codes keeps a Book of its own
// kind, so that an answer to one kind of question is none to another.
//
// A try counts before it is looked at, so parallel guesses count like guesses in a row; and a
// question is closed once. What the right code is, is the method's.
package challenge

import (
	"context"
	"errors"
	"io"
	"time"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// The limits of a question (domain.md rows 10 and 13).
const (
	ValidFor = 10 * time.Minute
	MaxTries = 5
	// kept is a little longer, so that the question's own time decides.
	kept = ValidFor + time.Minute
)

// ErrOver: the question cannot be answered any more, by this person or at all. Which of the
// reasons it is, is not told.
var ErrOver = fault.New(fault.Gone, "challenge.over")

// ErrSpent is the cause of the ErrOver that the last try gets when it is wrong.
var ErrSpent = fault.New(fault.Gone, "challenge.spent")

// Question is one open question.
type Question struct {
	ID        string          `json:"id"`
	Account   ident.AccountID `json:"account"`
	About     string          `json:"about,omitempty"` // what the method notes, for example a factor's id
	Salt      string          `json:"salt,omitempty"`
	Digest    string          `json:"digest,omitempty"` // of salt and code, when the code was made for this question
	Tries     int             `json:"tries"`
	ExpiresAt time.Time       `json:"expires"`
}

// Left says how many tries are left.
func (q Question) Left() int { return MaxTries - q.Tries }

// Refuse gives what a wrong answer ends with: why, with the tries that are left as its first
// argument, or ErrOver because of ErrSpent.
func (q Question) Refuse(why *fault.Error) error {
	if q.Left() <= 0 {
		return ErrOver.Because(ErrSpent)
	}
	return why.WithArgs(q.Left())
}

// Is reports, in constant time, whether this is the code that was made for the question.
func (q Question) Is(code string) bool {
	return q.Digest != "" && ident.Same(q.Digest, ident.Digest(q.Salt+code))
}

// Book keeps the open questions of one kind in the expiring store.
type Book struct {
	kind  string
	valid time.Duration
	store kv.Store
	now   func() time.Time
	rand  io.Reader
}

// NewBook makes the book of a kind, which is a word that no other book has.
func NewBook(kind string, store kv.Store, now func() time.Time, random io.Reader) *Book {
	return &Book{kind: kind, valid: ValidFor, store: store, now: now, rand: random}
}

// For gives the book with another time for its questions, ValidFor at most.
func (b *Book) For(valid time.Duration) *Book {
	out := *b
	out.valid = min(valid, ValidFor)
	return &out
}

// Open opens a question. code is what has to be typed, or "" when the method knows without;
// only its salted digest is kept.
func (b *Book) Open(ctx context.Context, account ident.AccountID, about, code string) (Question, error) {
	q := Question{ID: ident.NewID(b.rand), Account: account, About: about, ExpiresAt: b.now().Add(b.valid)}
	if code != "" {
		q.Salt = ident.NewID(b.rand)
		q.Digest = ident.Digest(q.Salt + code)
	}
	return q, kv.PutJSON(ctx, b.store, b.key(q.ID), q, kept)
}

// Try counts a try at an account's question and gives it, or ErrOver.
func (b *Book) Try(ctx context.Context, id string, account ident.AccountID) (Question, error) {
	if !ident.IsID(id) || account == "" {
		return Question{}, ErrOver
	}
	return kv.Update(ctx, b.store, b.key(id), kept, func(q *Question) error {
		if q.ID == "" || q.Account != account || q.Tries >= MaxTries || b.now().After(q.ExpiresAt) {
			return ErrOver
		}
		q.Tries++
		return nil
	})
}

// Close ends a question; of many that try at once one succeeds, the others get ErrOver.
func (b *Book) Close(ctx context.Context, id string) error {
	_, err := b.store.Take(ctx, b.key(id))
	if errors.Is(err, kv.ErrNotFound) {
		return ErrOver
	}
	return err
}

func (b *Book) key(id string) string { return "question." + b.kind + ":" + id }
