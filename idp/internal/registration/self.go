package registration

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/fault"
)

// ErrManage says that a registration access token is not one of the client that is named, or the client is
// gone (RFC 7592 §2).
var ErrManage = fault.New(fault.Unauthenticated, "client.registration_token")

// RegisterSelf keeps a client that registers by itself with an initial access token (RFC 7591 §3). It may
// be pending, if that token wants an operator's approval.
func (s *Service) RegisterSelf(ctx context.Context, initial string, raw []byte) (Registered, error) {
	t, err := s.initialToken(ctx, initial)
	if err != nil {
		return Registered{}, err
	}
	said, err := readMembers(raw)
	if err != nil {
		return Registered{}, err
	}
	c, err := s.described(ctx, said, nil, newClientID(s.Random), t.Policy)
	if err != nil {
		return Registered{}, err
	}
	r := Record{State: client.Active, Initial: t.ID}
	if t.Policy.Approval {
		r.State = client.Pending
	}
	return s.add(ctx, "initial token "+t.ID, c, r, ident.NewToken(s.Random))
}

// newClientID draws the id of a client that registers itself. Its first letter keeps it apart from the
// sub of a person.
func newClientID(random io.Reader) string { return "c" + ident.NewID(random) }

func (s *Service) initialToken(ctx context.Context, token string) (InitialToken, error) {
	if !ident.IsToken(token) {
		return InitialToken{}, ErrToken
	}
	t, err := s.Tokens.InitialTokenByDigest(ctx, ident.Digest(token))
	if err == nil && !t.Good(s.Now()) {
		err = ErrToken
	}
	return t, err
}

// described gives the client that it says it is, held against all rules and the policy of its token.
func (s *Service) described(ctx context.Context, said, kept members, id string, p Policy) (*client.Client, error) {
	strict, err := translate(said, kept, id, p)
	if err != nil {
		return nil, err
	}
	c, err := s.parse(ctx, strict)
	if err != nil {
		return nil, err
	}
	if err := p.admit(c); err != nil {
		return nil, ErrInvalid.Because(err)
	}
	return c, nil
}

// Self finds the client of a registration access token (RFC 7592 §2.1): ErrManage when it is none of this
// client's, client.ErrDisabled when an operator lets the client do nothing.
func (s *Service) Self(ctx context.Context, id, token string) (Record, error) {
	r, err := s.Store.ClientByID(ctx, id)
	switch {
	case errors.Is(err, client.ErrUnknown):
		return Record{}, ErrManage.Because(err)
	case err != nil:
		return Record{}, err
	case !ident.IsToken(token) || r.Token == "" || !ident.Same(r.Token, ident.Digest(token)):
		return Record{}, ErrManage
	case r.State == client.Disabled:
		return Record{}, client.ErrDisabled
	}
	return r, nil
}

// theirs are members of the answer that an update never carries (RFC 7592 §2.2).
var theirs = []string{"registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"}

// UpdateSelf replaces a client's metadata with what it says now (RFC 7592 §2.2); what it leaves out has the
// usual value again. It gets a new registration access token, and a new secret where it has one; the former
// secret stays good for a day. Where an operator approves clients, it waits for that once more.
func (s *Service) UpdateSelf(ctx context.Context, id, token string, raw []byte) (Registered, error) {
	was, err := s.Self(ctx, id, token)
	if err != nil {
		return Registered{}, err
	}
	said, err := readMembers(raw)
	if err != nil {
		return Registered{}, err
	}
	if err := s.consistent(said, was); err != nil {
		return Registered{}, ErrInvalid.Because(err)
	}
	kept, err := readMembers(was.Metadata)
	if err != nil {
		return Registered{}, err
	}
	t, err := s.Tokens.InitialTokenByID(ctx, was.Initial)
	if err != nil {
		return Registered{}, err
	}
	c, err := s.described(ctx, said, kept, id, t.Policy)
	if err != nil {
		return Registered{}, err
	}
	return s.replaceSelf(ctx, was, c, t.Policy)
}

// replaceSelf makes the change of UpdateSelf.
func (s *Service) replaceSelf(ctx context.Context, was Record, c *client.Client, p Policy) (Registered, error) {
	next := ident.NewToken(s.Random)
	change := Change{Version: was.Version, Token: ident.Digest(next)}
	if p.Approval {
		change.State = client.Pending
	}
	plain := ""
	if c.NeedsSecret() {
		sealed, secret, err := s.newSecret()
		if err != nil {
			return Registered{}, err
		}
		change.Secret, change.Former, plain = &sealed, s.Now().Add(Overlap), secret
	}
	out, err := s.replace(ctx, "client", c, change)
	out.Token, out.Secret = next, plain
	return out, err
}

// consistent refuses an update that is about another client, or sets what is ours to give.
func (s *Service) consistent(said members, was Record) error {
	if one(said["client_id"]) != was.ID {
		return wrong("client_id", "client_id must be that of the client")
	}
	for _, name := range theirs {
		if _, has := said[name]; has {
			return wrong(name, name+" is none of an update")
		}
	}
	if _, has := said["client_secret"]; has && !s.holds(was, one(said["client_secret"]), s.Now()) {
		return wrong("client_secret", "client_secret must be the one that the client has")
	}
	return nil
}

// holds reports whether a secret is one of a client's that are good.
func (s *Service) holds(r Record, secret string, now time.Time) bool {
	for _, sealed := range r.Secrets {
		plain, err := s.Box.Open(sealed.Secret, name(sealed.ID))
		if err == nil && (sealed.EndsAt.IsZero() || now.Before(sealed.EndsAt)) && ident.Same(string(plain), secret) {
			return true
		}
	}
	return false
}

func one(raw json.RawMessage) (text string) {
	_ = json.Unmarshal(raw, &text) // no text equals nothing
	return text
}

// RemoveSelf ends a client at its own wish (RFC 7592 §2.3).
func (s *Service) RemoveSelf(ctx context.Context, id, token string) error {
	was, err := s.Self(ctx, id, token)
	if err != nil {
		return err
	}
	_, err = s.change(ctx, Change{ID: id, Version: was.Version, State: client.Removed}, audit.ClientRemoved(id, "client"))
	return err
}
