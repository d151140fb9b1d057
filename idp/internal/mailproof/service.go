package mailproof

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/kv"
)

// Service keeps tickets in the expiring store.
type Service struct {
	store    kv.Store
	now      func() time.Time
	rand     io.Reader
	validFor time.Duration
}

// The range of the operator's setting for how long a link works (domain.md row 2).
const (
	MinValidFor = 5 * time.Minute
	MaxValidFor = 24 * time.Hour
)

// New makes the service. validFor is how long link and code work from being sent.
func New(store kv.Store, now func() time.Time, random io.Reader, validFor time.Duration) (*Service, error) {
	if store == nil || now == nil || random == nil {
		return nil, errors.New("mailproof: store, clock and random source are required")
	}
	if validFor < MinValidFor || validFor > MaxValidFor {
		return nil, errors.New("mailproof: links must be valid for 5 to 1440 minutes")
	}
	return &Service{store: store, now: now, rand: random, validFor: validFor}, nil
}

// ValidFor says how long link and code work.
func (s *Service) ValidFor() time.Duration { return s.validFor }

// Open stores a new ticket with fresh secrets. The caller fills Purpose, Account, Email,
// Data, Asker and Void; a void ticket costs the same work and can never be proved.
func (s *Service) Open(ctx context.Context, t Ticket) (Ticket, Secrets, error) {
	t.ID = ident.NewID(s.rand)
	sec := s.arm(&t)
	return t, sec, kv.PutJSON(ctx, s.store, key(t.ID), t, kept)
}

// Renew gives a ticket fresh secrets; those sent before are replaced, a proof already made
// is dropped. change may adjust the ticket, for example make it void. asker, if not empty,
// becomes the browser that asked.
func (s *Service) Renew(ctx context.Context, p Purpose, id, asker string, change func(*Ticket)) (Ticket, Secrets, error) {
	var sec Secrets
	t, err := s.update(ctx, p, id, func(t *Ticket) error {
		if !t.DoneAt.IsZero() {
			return ErrUsed
		}
		if asker != "" {
			t.Asker = asker
		}
		sec = s.arm(t)
		change(t)
		return nil
	})
	return t, sec, err
}

// Asked gives the ticket to the browser that asked for it, or ErrUnknown.
func (s *Service) Asked(ctx context.Context, p Purpose, id, browser string) (Ticket, error) {
	t, err := s.get(ctx, p, id)
	if err == nil && !ident.Same(t.Asker, browser) {
		return Ticket{}, ErrUnknown
	}
	return t, err
}

// Look judges a link without using it up: nil, or ErrExpired, ErrUsed, ErrReplaced or
// ErrUnknown. The ticket is given with all but the last.
func (s *Service) Look(ctx context.Context, p Purpose, token, browser string) (Ticket, error) {
	id, digest := split(p, token)
	t, err := s.get(ctx, p, id)
	if err != nil {
		return Ticket{}, err
	}
	err = t.linkState(digest, browser, s.now())
	if errors.Is(err, ErrUnknown) {
		return Ticket{}, err
	}
	return t, err
}

// ProveByLink uses the link up for one browser. Of many that try, one wins and the others
// get ErrUsed; the winner may repeat it, so that a double click does no harm.
func (s *Service) ProveByLink(ctx context.Context, p Purpose, token, browser string) (Ticket, error) {
	id, digest := split(p, token)
	return s.update(ctx, p, id, func(t *Ticket) error {
		err := t.linkState(digest, browser, s.now())
		if err == nil && t.ProvedAt.IsZero() {
			t.prove("link", browser, s.now())
		}
		return err
	})
}

// ProveByCode uses the code up, in the browser that asked for the mail. A wrong code is
// ErrWrong; after MaxTries of them the code is dead (ErrTries) and the link still works.
func (s *Service) ProveByCode(ctx context.Context, p Purpose, id, browser, typed string) (Ticket, error) {
	wrong := false
	t, err := s.update(ctx, p, id, func(t *Ticket) error {
		now := s.now()
		switch {
		case !ident.Same(t.Asker, browser):
			return ErrUnknown
		case !t.DoneAt.IsZero():
			return ErrUsed
		case !t.ProvedAt.IsZero() && t.Browser == browser:
			return nil
		case !t.ProvedAt.IsZero():
			return ErrUsed
		case now.After(t.ExpiresAt):
			return ErrExpired
		case t.Tries >= MaxTries:
			return ErrTries
		}
		wrong = t.Void || !ident.Same(t.Code, codeDigest(p, t.ID, ident.CanonicalCode(typed)))
		if wrong {
			t.Tries++
		} else {
			t.prove("code", browser, now)
		}
		return nil
	})
	if err == nil && wrong {
		return Ticket{}, ErrWrong
	}
	return t, err
}

// Proved gives the ticket to the browser that proved it, for at most UseWithin.
func (s *Service) Proved(ctx context.Context, p Purpose, id, browser string) (Ticket, error) {
	t, err := s.get(ctx, p, id)
	if err == nil {
		err = t.usable(browser, s.now())
	}
	return t, err
}

// Amend changes the data of a ticket that this browser has proved.
func (s *Service) Amend(ctx context.Context, p Purpose, id, browser string, change func(*Ticket)) (Ticket, error) {
	return s.update(ctx, p, id, func(t *Ticket) error {
		err := t.usable(browser, s.now())
		if err == nil {
			change(t)
		}
		return err
	})
}

// Finish marks a proved ticket as done and gives it as it was; of many that try, one wins
// and the others get ErrUsed. Call it before the durable write.
func (s *Service) Finish(ctx context.Context, p Purpose, id, browser string) (Ticket, error) {
	var before Ticket
	_, err := s.update(ctx, p, id, func(t *Ticket) error {
		err := t.usable(browser, s.now())
		before = *t
		t.DoneAt, t.Data = s.now(), nil
		return err
	})
	return before, err
}

// Restore undoes Finish after a durable write that certainly did not happen.
func (s *Service) Restore(ctx context.Context, t Ticket) error {
	return kv.PutJSON(ctx, s.store, key(t.ID), t, kept)
}

func (s *Service) arm(t *Ticket) Secrets {
	secret, code := ident.NewID(s.rand), ident.NewTypedCode(s.rand, CodeLength)
	sec := Secrets{Token: t.ID + "." + secret, Code: ident.Grouped(code, 4)}
	t.arm(linkDigest(t.Purpose, t.ID, secret), codeDigest(t.Purpose, t.ID, code), s.now(), s.validFor)
	return sec
}

func (s *Service) get(ctx context.Context, p Purpose, id string) (Ticket, error) {
	if !isID(id) {
		return Ticket{}, ErrUnknown
	}
	t, err := kv.GetJSON[Ticket](ctx, s.store, key(id))
	if errors.Is(err, kv.ErrNotFound) || err == nil && t.Purpose != p {
		return Ticket{}, ErrUnknown
	}
	return t, err
}

func (s *Service) update(ctx context.Context, p Purpose, id string, change func(*Ticket) error) (Ticket, error) {
	if !isID(id) {
		return Ticket{}, ErrUnknown
	}
	t, err := kv.Update(ctx, s.store, key(id), kept, func(t *Ticket) error {
		if t.ID == "" || t.Purpose != p {
			return ErrUnknown
		}
		return change(t)
	})
	if err != nil {
		return Ticket{}, err
	}
	return t, nil
}

func key(id string) string { return "mailproof:" + id }

func linkDigest(p Purpose, id, secret string) string {
	return ident.Digest("link\n" + string(p) + "\n" + id + "\n" + secret)
}

func codeDigest(p Purpose, id, code string) string {
	return ident.Digest("code\n" + string(p) + "\n" + id + "\n" + code)
}

// split reads a link's token; a malformed one gives an id that no ticket has.
func split(p Purpose, token string) (id, digest string) {
	id, secret, ok := strings.Cut(token, ".")
	if !ok || !isID(id) || !isID(secret) {
		return "", ""
	}
	return id, linkDigest(p, id, secret)
}

// isID reports whether a text has the shape of ident.NewID; nothing else gets into a key.
func isID(s string) bool {
	const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
	return len(s) == 26 && strings.Trim(s, alphabet) == ""
}
