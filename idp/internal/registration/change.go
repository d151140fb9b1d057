package registration

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/client"
)

// Overlap is how long the former secret stays good after a rotation, unless somebody says otherwise;
// MaxOverlap is the longest.
const (
	Overlap    = 24 * time.Hour
	MaxOverlap = 30 * 24 * time.Hour
)

// errOverlap says that an overlap is none.
var errOverlap = ErrInvalid.WithField("overlap", "client.overlap")

// Get finds a client of the database: ErrInFile for a file's, client.ErrUnknown for none.
func (s *Service) Get(ctx context.Context, id string) (Record, error) {
	if s.inFile(id) {
		return Record{}, ErrInFile
	}
	return s.Store.ClientByID(ctx, id)
}

// List lists the clients of the database by their ids, after one of them, at most so many.
func (s *Service) List(ctx context.Context, after string, most int) ([]Record, error) {
	return s.Store.Clients(ctx, after, most)
}

// Update replaces the metadata of the version that was read; ErrVersion when somebody was faster. A
// client that changes to a secret gets one.
func (s *Service) Update(ctx context.Context, by string, version int64, raw []byte) (Registered, error) {
	c, err := s.parse(ctx, raw)
	if err != nil {
		return Registered{}, err
	}
	return s.replace(ctx, by, c, Change{Version: version})
}

// CheckUpdate is the dry run of Update; it gives the client as it is.
func (s *Service) CheckUpdate(ctx context.Context, version int64, raw []byte) (Record, error) {
	c, err := s.parse(ctx, raw)
	if err != nil {
		return Record{}, err
	}
	r, err := s.Get(ctx, c.ID)
	if err == nil && r.Version != version {
		err = ErrVersion
	}
	return r, err
}

func (s *Service) replace(ctx context.Context, by string, c *client.Client, change Change) (out Registered, err error) {
	was, err := s.Get(ctx, c.ID)
	if err != nil {
		return out, err
	}
	change.ID, change.DropSecrets = c.ID, !c.NeedsSecret()
	if change.Metadata, err = json.Marshal(c); err != nil {
		return out, err
	}
	if c.NeedsSecret() && len(was.Secrets) == 0 && change.Secret == nil {
		sealed, plain, err := s.newSecret()
		if err != nil {
			return out, err
		}
		change.Secret, out.Secret = &sealed, plain
	}
	out.Record, err = s.change(ctx, change, audit.ClientUpdated(c.ID, by))
	return out, err
}

// RotateSecret gives a client a new secret; those before it stay good for the overlap.
func (s *Service) RotateSecret(ctx context.Context, by, id string, overlap time.Duration) (out Registered, err error) {
	if overlap < 0 || overlap > MaxOverlap {
		return out, errOverlap
	}
	was, err := s.Get(ctx, id)
	if err != nil {
		return out, err
	}
	if c, err := s.Clients.Parse(was.Metadata); err != nil || !c.NeedsSecret() {
		return out, ErrSecret.Because(err)
	}
	sealed, plain, err := s.newSecret()
	if err != nil {
		return out, err
	}
	out.Record, err = s.change(ctx, Change{ID: id, Secret: &sealed, Former: s.Now().Add(overlap)}, audit.ClientSecretRotated(id, by))
	out.Secret = plain
	return out, err
}

// Disable takes everything from a client: nobody signs in to it, and what it was given is dead until
// somebody enables it again.
func (s *Service) Disable(ctx context.Context, by, id string) (Record, error) {
	return s.turn(ctx, Change{ID: id, State: client.Disabled}, audit.ClientDisabled(id, by))
}

// Enable lets a client be served, again or for the first time, in the version that was looked at; 0: whatever
// it is, but not of one that waits for its approval (ErrUnseen), since it can change itself meanwhile. One that is
// served stays as it is: a call may come twice.
func (s *Service) Enable(ctx context.Context, by, id string, version int64) (Record, error) {
	was, err := s.Get(ctx, id)
	switch {
	case err != nil || was.State == client.Active:
		return was, err
	case version == 0 && was.State == client.Pending:
		return Record{}, ErrUnseen
	}
	return s.turn(ctx, Change{ID: id, State: client.Active, Version: cmp.Or(version, was.Version)}, audit.ClientEnabled(id, by))
}

// Remove ends a client for ever with its refresh families. Its id is never given to another one.
func (s *Service) Remove(ctx context.Context, by, id string) error {
	_, err := s.turn(ctx, Change{ID: id, State: client.Removed}, audit.ClientRemoved(id, by))
	return err
}

func (s *Service) turn(ctx context.Context, c Change, event audit.Event) (Record, error) {
	if s.inFile(c.ID) {
		return Record{}, ErrInFile
	}
	return s.change(ctx, c, event)
}

func (s *Service) change(ctx context.Context, c Change, event audit.Event) (Record, error) {
	r, err := s.Store.ChangeClient(ctx, s.Now(), c, event)
	if err != nil {
		return Record{}, err
	}
	s.seen(ctx)
	return r, nil
}
