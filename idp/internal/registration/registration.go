package registration

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/seal"
	"eulogin.example/proto/kit/fault"
)

// The failures that every way of registering shares.
var (
	ErrExists  = fault.New(fault.Conflict, "client.exists")
	ErrInFile  = fault.New(fault.Gone, "client.in_file") // the operator's file says what it is; nothing here changes it
	ErrVersion = fault.New(fault.Conflict, "client.version")
	// ErrUnseen says that a client waits for an operator's approval, which is of the version that was looked at.
	ErrUnseen  = fault.New(fault.Conflict, "client.unseen")
	ErrInvalid = fault.New(fault.Invalid, "client.metadata")
	ErrSecret  = fault.New(fault.Invalid, "client.has_no_secret")
)

// Record is a client as the database has it.
type Record struct {
	ID        string
	Metadata  json.RawMessage // strict metadata (client.Parse); nil of a removed one
	State     client.State
	Version   int64  // of the metadata and the state: each change counts
	Token     string // digest of the registration access token, or ""
	Initial   string // id of the initial access token that it was registered with, or ""
	CreatedAt time.Time
	CreatedBy string
	ChangedAt time.Time
	Secrets   []Sealed // the newest first
}

// SecretsMost is how many secrets of a client are good at a time: the newest, and those before it in their
// overlap.
const SecretsMost = 4

// Sealed is a secret as the database has it.
type Sealed struct {
	ID      string
	Secret  []byte // under name(ID)
	EndsAt  time.Time
	Created time.Time
}

// name is what a secret is sealed under.
func name(id string) string { return "client secret " + id }

// Change is one write to a client. What is not set stays.
type Change struct {
	ID          string
	Version     int64 // on which it is made; 0: whatever it is now
	State       client.State
	Metadata    json.RawMessage
	Token       string    // digest
	Secret      *Sealed   // a new one
	Former      time.Time // with it: when those before it end
	DropSecrets bool      // the client authenticates in another way
}

// Store keeps clients of the database.
type Store interface {
	// AddClient keeps a new client, to which nobody gave anything yet; ErrExists when its id is or was
	// somebody's there. One with Initial set uses that token up by one in the same transaction, or is ErrToken.
	AddClient(ctx context.Context, r Record, event audit.Event) error
	// ChangeClient makes a change and gives the client as it is then: client.ErrUnknown when there is none, or
	// it was removed; ErrVersion when it is of another version.
	// Removing drops metadata, secrets and token, and ends the client's refresh families and what people agreed to.
	ChangeClient(ctx context.Context, at time.Time, c Change, event audit.Event) (Record, error)
	ClientByID(ctx context.Context, id string) (Record, error) // client.ErrUnknown
	// Clients lists those that are not removed by their ids, after one of them, at most so many.
	Clients(ctx context.Context, after string, most int) ([]Record, error)
	// ClientsChanged gives those whose last change has a place after this one, and the last place.
	ClientsChanged(ctx context.Context, after int64) ([]Record, int64, error)
}

// Service registers and changes clients. Every field is required but Admits, without which no client has a
// certificate.
type Service struct {
	Store   Store
	Tokens  Tokens
	Clients *client.Registry
	Admits  client.Admitted // certificates of clients
	Box     *seal.Box
	Now     func() time.Time
	Random  io.Reader
	Sector  func(context.Context, *client.Client) error // reads its list of redirect addresses (sector.Reader)
}

// Registered is a client with what is shown of it once.
type Registered struct {
	Record
	Secret string // plain; "" when there is none, or no new one
	Token  string // registration access token; "" when there is none
}

// Check says whether metadata could be registered: *client.Faults when they are not good, ErrExists or
// ErrInFile when the id is taken.
func (s *Service) Check(ctx context.Context, raw []byte) (*client.Client, error) {
	c, err := s.parse(ctx, raw)
	if err != nil {
		return nil, err
	}
	if s.inFile(c.ID) {
		return nil, ErrInFile
	}
	switch _, err := s.Store.ClientByID(ctx, c.ID); {
	case err == nil:
		return nil, ErrExists
	case !errors.Is(err, client.ErrUnknown):
		return nil, err
	}
	return c, nil
}

// parse holds metadata against the rules, against the other clients (a resource has one server, or one
// would read what is meant for the other), against the certificates that are let in, and against the list of
// its sector.
func (s *Service) parse(ctx context.Context, raw []byte) (*client.Client, error) {
	c, err := s.Clients.Parse(raw)
	if err == nil && s.Clients.Taken(c) {
		err = &client.Faults{Client: c.ID, List: []client.Fault{{Text: "resource_identifiers, authorization_details_definitions: one of them is another client's already"}}}
	}
	if err == nil {
		err = s.Admits.Check(c)
	}
	if err == nil {
		err = s.Sector(ctx, c)
	}
	if err != nil {
		return nil, ErrInvalid.Because(err)
	}
	return c, nil
}

// Register keeps a new client, active at once; by says who asked.
func (s *Service) Register(ctx context.Context, by string, raw []byte) (Registered, error) {
	c, err := s.Check(ctx, raw)
	if err != nil {
		return Registered{}, err
	}
	return s.add(ctx, by, c, Record{State: client.Active}, "")
}

// add keeps a checked client; r says its state and with what token it comes.
func (s *Service) add(ctx context.Context, by string, c *client.Client, r Record, token string) (out Registered, err error) {
	r.ID, r.Version, r.CreatedAt, r.CreatedBy = c.ID, 1, s.Now(), by
	r.ChangedAt = r.CreatedAt
	if r.Metadata, err = json.Marshal(c); err != nil {
		return out, err
	}
	if c.NeedsSecret() {
		sealed, plain, err := s.newSecret()
		if err != nil {
			return out, err
		}
		r.Secrets, out.Secret = []Sealed{sealed}, plain
	}
	if token != "" {
		r.Token, out.Token = ident.Digest(token), token
	}
	if err := s.Store.AddClient(ctx, r, audit.ClientRegistered(c.ID, by, string(r.State))); err != nil {
		return Registered{}, err
	}
	out.Record = r
	s.seen(ctx)
	return out, nil
}

// newSecret draws 512 bits: enough for HS256, HS384 and HS512 (RFC 7518 §3.2).
func (s *Service) newSecret() (Sealed, string, error) {
	plain, id := ident.NewToken(s.Random)+ident.NewToken(s.Random), ident.NewID(s.Random)
	secret, err := s.Box.Seal(s.Random, []byte(plain), name(id))
	return Sealed{ID: id, Secret: secret, Created: s.Now()}, plain, err
}

// seen lets this process serve a change at once. Should the database not answer now, the next reading
// has it: the change itself is made.
func (s *Service) seen(ctx context.Context) { _ = s.Clients.Refresh(ctx) }

// inFile reports whether an id is a file's.
func (s *Service) inFile(id string) bool { return s.Clients.InFile(id) }

// Changed implements client.Database.
func (s *Service) Changed(ctx context.Context, after int64) ([]client.Stored, int64, error) {
	records, place, err := s.Store.ClientsChanged(ctx, after)
	out := make([]client.Stored, len(records))
	for i, r := range records {
		out[i] = client.Stored{ID: r.ID, Metadata: r.Metadata, State: r.State, Since: r.CreatedAt}
		if r.State == client.Removed {
			out[i].Since = r.ChangedAt
		}
		for _, sealed := range r.Secrets {
			plain, err := s.Box.Open(sealed.Secret, name(sealed.ID))
			if err != nil {
				out[i].Err = fmt.Errorf("registration: %w", err)
			}
			out[i].Secrets = append(out[i].Secrets, client.Secret{Value: string(plain), Until: sealed.EndsAt})
		}
	}
	return out, place, err
}
