package check

import (
	"context"
	"errors"
	"io"
	"time"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/seal"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

var (
	// ErrOver says that there is no such run, or not any more.
	ErrOver = fault.New(fault.Gone, "check.over")
	// ErrCase says that there is no such case.
	ErrCase = fault.New(fault.NotFound, "check.case")
	// ErrIdle says that nothing is being played to the client.
	ErrIdle = fault.New(fault.Conflict, "check.idle")
	// ErrGrant says that a code or token of a run is not, or no longer, good.
	ErrGrant = fault.New(fault.Denied, "check.grant")
)

// Poster brings a logout token to an address and gives the status of the answer.
type Poster func(ctx context.Context, address, token string) (status int, err error)

// Service keeps runs; every field is required.
type Service struct {
	KV     kv.Store
	Box    *seal.Box // seals the keys of runs
	Issuer string    // idp's own
	Post   Poster
	Now    func() time.Time
	Random io.Reader
}

// Start begins a run of a client and gives the id that opens it. It ends the one before.
func (s *Service) Start(ctx context.Context, c *client.Client) (id string, err error) {
	if !c.IntegrationCheck {
		return "", ErrIdle // nothing else has a run: no real client, no real person
	}
	r := Run{Client: c.ID, Expires: s.Now().Add(Life), Subject: "check-" + ident.NewID(s.Random), Seen: map[string]*Seen{}}
	if r.Keys, err = makeKeys(s.Random, s.Box, c.IDTokenSigning()); err != nil {
		return "", err
	}
	id = ident.NewToken(s.Random)
	if err := kv.PutJSON(ctx, s.KV, runKey(ident.Digest(id)), r, Life); err != nil {
		return "", err
	}
	return id, kv.PutJSON(ctx, s.KV, ofKey(c.ID), ident.Digest(id), Life)
}

// Find gives the run of an id.
func (s *Service) Find(ctx context.Context, id string) (Run, error) {
	if !ident.IsToken(id) {
		return Run{}, ErrOver
	}
	return s.at(ctx, ident.Digest(id))
}

// Of gives the run of a client that is under way, and the reference by which what happens is noted.
func (s *Service) Of(ctx context.Context, clientID string) (Run, string, error) {
	ref, err := kv.GetJSON[string](ctx, s.KV, ofKey(clientID))
	if errors.Is(err, kv.ErrNotFound) {
		return Run{}, "", ErrOver
	}
	if err != nil {
		return Run{}, "", err
	}
	r, err := s.at(ctx, ref)
	return r, ref, err
}

func (s *Service) at(ctx context.Context, ref string) (Run, error) {
	r, err := kv.GetJSON[Run](ctx, s.KV, runKey(ref))
	if errors.Is(err, kv.ErrNotFound) || err == nil && !s.Now().Before(r.Expires) {
		return Run{}, ErrOver
	}
	return r, err
}

// change alters a run that is under way.
func (s *Service) change(ctx context.Context, ref string, alter func(*Run) error) (Run, error) {
	return kv.Update(ctx, s.KV, runKey(ref), Life, func(r *Run) error {
		if r.Client == "" || !s.Now().Before(r.Expires) {
			return ErrOver
		}
		return alter(r)
	})
}

// Tell notes whether the service signed the person in.
func (s *Service) Tell(ctx context.Context, id, caseID string, told Told) error {
	if _, ok := CaseOf(caseID); !ok || told != SignedIn && told != Refused {
		return ErrCase
	}
	_, err := s.change(ctx, ident.Digest(id), func(r *Run) error {
		if r.Seen[caseID] == nil {
			return ErrIdle
		}
		r.Seen[caseID].Told = told
		return nil
	})
	return err
}

// Authorize takes the authorization request of a client. It gives the case that answers it, and a code.
func (s *Service) Authorize(ctx context.Context, ref string, a Asked) (c Case, code string, missing Need, err error) {
	code = ident.NewToken(s.Random)
	_, err = s.change(ctx, ref, func(r *Run) error {
		var ok bool
		if c, ok = r.answer(a, code, s.Now()); !ok {
			return ErrIdle
		}
		missing = r.Seen[c.ID].Missing
		return nil
	})
	return c, code, missing, err
}

// Tokens are what a code gives.
type Tokens struct {
	Access, ID string
	Scopes     []string
	Extra      bool // the answer has members that mean nothing
}

// Redeem gives the tokens of a code, as its case has them.
func (s *Service) Redeem(ctx context.Context, ref string, c *client.Client, code, redirect, challenge string) (Tokens, error) {
	access, sid, good := ident.NewToken(s.Random), ident.NewID(s.Random), false
	var k Case
	r, err := s.change(ctx, ref, func(r *Run) error {
		if k, good = r.redeem(code, redirect, challenge, access); good && k.Accept() {
			r.SID = sid
		}
		return nil // what a bad attempt did is noted too
	})
	if err != nil {
		return Tokens{}, err
	}
	if !good {
		return Tokens{}, ErrGrant
	}
	asked := r.Seen[k.ID].Asked
	t := idToken(k, r, Facts{Issuer: Issuer(s.Issuer, c.ID), Now: s.Now(), Asked: asked, Access: access, SID: sid, Alg: c.IDTokenSigning()})
	id, err := s.sign(r, c.IDTokenSigning(), t)
	return Tokens{Access: access, ID: id, Scopes: asked.Scopes, Extra: k.ID == "extras"}, err
}

// Inform answers an access token at userinfo.
func (s *Service) Inform(ctx context.Context, ref, access string) (map[string]any, error) {
	var k Case
	r, err := s.change(ctx, ref, func(r *Run) error {
		var good bool
		if k, good = r.inform(access); !good {
			return ErrGrant
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return Info(k, r, r.Seen[k.ID].Asked.Scopes), nil
}

func runKey(ref string) string   { return "check:" + ref }
func ofKey(client string) string { return "checkof:" + ident.Digest(client) }
