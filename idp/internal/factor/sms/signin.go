package sms

import (
	"context"
	"errors"
	"io"
	"time"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor/challenge"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/limit"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// ErrNone: the account has no number that a code could be sent to.
var ErrNone = fault.New(fault.Conflict, "sms.none")

// Limiter counts events under the names of package limit and gives fault.TooMany.
type Limiter interface {
	Hit(ctx context.Context, name, key string) error
}

// People looks up an account's owner.
type People interface {
	Person(ctx context.Context, account ident.AccountID) (notify.Person, error)
}

// Recorder writes messages that no other write belongs to.
type Recorder interface {
	Record(ctx context.Context, at time.Time, events []audit.Event, messages []notify.Message) error
}

// SignInConfig is what signing in by text message needs; every field is required.
type SignInConfig struct {
	Numbers  Store
	KV       kv.Store
	Limits   Limiter
	People   People
	Recorder Recorder
	Product  string // named in the message when no service asked
	Now      func() time.Time
	Rand     io.Reader
}

// SignIn sends and checks the codes of sign-ins.
type SignIn struct {
	cfg  SignInConfig
	book *challenge.Book
}

// NewSignIn checks the configuration.
func NewSignIn(c SignInConfig) (*SignIn, error) {
	if c.Numbers == nil || c.KV == nil || c.Limits == nil || c.People == nil || c.Recorder == nil || c.Product == "" || c.Now == nil || c.Rand == nil {
		return nil, errors.New("sms: every field is required")
	}
	return &SignIn{cfg: c, book: challenge.NewBook("sms", c.KV, c.Now, c.Rand)}, nil
}

// Asked is what a sign-in tells about itself.
type Asked struct {
	Account ident.AccountID
	Service string // its name; "" for My account
	Address string // network address
	Number  string // id of the number to send to; "": the one that was used or added last
}

// Sent is a code on its way.
type Sent struct {
	challenge.Question
	To     Registered
	Others []Registered // numbers that it could be sent to instead
}

// Enrolled reports whether the account has a number.
func (s *SignIn) Enrolled(ctx context.Context, account ident.AccountID) (bool, error) {
	have, err := s.cfg.Numbers.Numbers(ctx, account)
	return len(have) > 0, err
}

// Send sends a new code to one of the account's numbers. Errors: ErrNone, fault.TooMany by
// network address, account and number, so that neither a person nor the operator's bill is
// flooded (domain.md row 46).
func (s *SignIn) Send(ctx context.Context, a Asked) (Sent, error) {
	have, err := s.cfg.Numbers.Numbers(ctx, a.Account)
	if err != nil {
		return Sent{}, err
	}
	out, ok := choose(have, a.Number)
	if !ok {
		return Sent{}, ErrNone
	}
	for _, l := range []struct{ name, key string }{
		{limit.SMSAddress, limit.Network(a.Address)}, {limit.SMSAccount, string(a.Account)}, {limit.SMSNumber, string(out.To.Number)},
	} {
		if err := s.cfg.Limits.Hit(ctx, l.name, l.key); err != nil {
			return Sent{}, err
		}
	}
	p, err := s.cfg.People.Person(ctx, a.Account)
	if err != nil {
		return Sent{}, err
	}
	code := ident.NewTypedCode(s.cfg.Rand, CodeLength)
	if out.Question, err = s.book.Open(ctx, a.Account, out.To.ID, code); err != nil {
		return Sent{}, err
	}
	service := a.Service
	if service == "" {
		service = s.cfg.Product
	}
	m := notify.SignInCode(string(out.To.Number), p.Lang, ident.Grouped(code, 3), clip(service, 40), challenge.ValidFor)
	return out, s.cfg.Recorder.Record(ctx, s.cfg.Now(), nil, []notify.Message{m})
}

// Answer gives the id of the number to which the typed code was sent. ErrWrong carries the
// tries that are left; challenge.ErrOver says that there are none, that the number was removed
// meanwhile, or that the question was never this account's.
func (s *SignIn) Answer(ctx context.Context, question string, account ident.AccountID, typed string) (string, error) {
	q, err := s.book.Try(ctx, question, account)
	if err != nil {
		return "", err
	}
	if len(typed) > 64 || !q.Is(ident.CanonicalCode(typed)) {
		return "", q.Refuse(ErrWrong)
	}
	if err := s.book.Close(ctx, q.ID); err != nil {
		return "", err
	}
	err = s.cfg.Numbers.UseNumber(ctx, account, q.About, s.cfg.Now())
	if fault.KindOf(err) == fault.NotFound {
		return "", challenge.ErrOver
	}
	return q.About, err
}

// choose picks the number of an id, or else the one that was used or added last.
func choose(have []Registered, id string) (out Sent, ok bool) {
	last := func(r Registered) time.Time {
		if r.LastUsedAt.After(r.AddedAt) {
			return r.LastUsedAt
		}
		return r.AddedAt
	}
	for _, r := range have {
		if !ok || r.ID == id || out.To.ID != id && !last(r).Before(last(out.To)) {
			out.To, ok = r, true
		}
	}
	for _, r := range have {
		if r.ID != out.To.ID {
			out.Others = append(out.Others, r)
		}
	}
	return out, ok
}

// clip keeps a text message short.
func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
