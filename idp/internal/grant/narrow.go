package grant

import (
	"context"
	"slices"
	"time"

	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// MaxChain is how many times a token can be exchanged, one for the other.
const MaxChain = 4

// Link is an access token that another one was exchanged for (RFC 8693).
type Link struct {
	Name   string `json:"name"` // of its record
	Client string `json:"client"`
}

// Narrow gives an access token for a living one of a person. It ends with that one and with all that ends
// it: its time, its revocation, its family, its session. After MaxChain exchanges there is none: ErrInvalid.
func (s *Service) Narrow(ctx context.Context, subject Access, given Approval, longest time.Duration) (t Tokens, life time.Duration, err error) {
	life = min(longest, subject.Expires.Sub(s.Now())).Truncate(time.Second)
	if len(subject.Chain) >= MaxChain || life <= 0 || !given.OfPerson() || given.Account != subject.Account || given.SID != subject.SID {
		return t, 0, ErrInvalid
	}
	rec := Access{Approval: given, Family: subject.Family, Chain: append(slices.Clone(subject.Chain), Link{subject.name, subject.Client})}
	t.Access, err = s.issueAccess(ctx, rec, life)
	return t, life, err
}

// whole says ErrInvalid when one of the tokens that a token was exchanged for is gone.
func (s *Service) whole(ctx context.Context, chain []Link) error {
	for _, l := range chain {
		a, err := kv.GetJSON[Access](ctx, s.KV, accessKey(l.Name))
		if fault.KindOf(err) == fault.NotFound || err == nil && !s.Now().Before(a.Expires) {
			return ErrInvalid
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Actors are the clients that act for the person in turn, the present one first; none where it is the client
// that the person signed in to (RFC 8693 §4.1).
func (a Access) Actors() []string {
	var line []string
	for _, l := range a.Chain {
		line = append(line, l.Client)
	}
	line = slices.Compact(append(line, a.Client))[1:]
	slices.Reverse(line)
	return line
}
