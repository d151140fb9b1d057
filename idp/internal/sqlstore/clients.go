package sqlstore

import (
	"context"
	"time"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/consent"
	"eulogin.example/idp/internal/registration"
	"eulogin.example/proto/kit/sqldb"
)

var _ registration.Store = (*Store)(nil)

const clientColumns = `id, metadata, state, version, token, initial_token, created_at, created_by, changed_at`

// AddClient implements registration.Store.
func (s *Store) AddClient(ctx context.Context, r registration.Record, event audit.Event) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if r.Initial != "" {
			if err := useInitialToken(ctx, tx, r.Initial, r.CreatedAt); err != nil {
				return err
			}
		}
		place, err := nextPlace(ctx, tx)
		if err != nil {
			return err
		}
		if err := endClient(ctx, tx, r.CreatedAt, r.ID); err != nil { // a file may have had the id
			return err
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO clients (`+clientColumns+`, place) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			r.ID, string(r.Metadata), string(r.State), r.Version, r.Token, r.Initial, sqldb.Micros(r.CreatedAt), r.CreatedBy, sqldb.Micros(r.ChangedAt), place)
		if err != nil {
			return err
		}
		for _, secret := range r.Secrets {
			if err := addSecret(ctx, tx, r.ID, secret); err != nil {
				return err
			}
		}
		return record(ctx, tx, r.CreatedAt, []audit.Event{event}, nil)
	})
	if sqldb.IsUnique(err) {
		return registration.ErrExists.Because(err)
	}
	return err
}

// nextPlace gives a change its place among all; until it is committed no other gets one.
func nextPlace(ctx context.Context, tx *sqldb.Tx) (place int64, err error) {
	err = tx.QueryRowContext(ctx, `UPDATE client_places SET last = last + 1 WHERE one = 1 RETURNING last`).Scan(&place)
	return place, err
}

func addSecret(ctx context.Context, tx *sqldb.Tx, id string, s registration.Sealed) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO client_secrets (id, client_id, sealed, created_at, ends_at) VALUES ($1, $2, $3, $4, $5)`,
		s.ID, id, s.Secret, sqldb.Micros(s.Created), sqldb.Micros(s.EndsAt))
	return err
}

// ChangeClient implements registration.Store.
func (s *Store) ChangeClient(ctx context.Context, at time.Time, c registration.Change, event audit.Event) (r registration.Record, err error) {
	err = s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		place, err := nextPlace(ctx, tx) // first: it keeps all others waiting, so that nothing changes below
		if err != nil {
			return err
		}
		r, err = scanClient(tx.QueryRowContext(ctx, `SELECT `+clientColumns+` FROM clients WHERE id = $1 AND state <> $2`, c.ID, string(client.Removed)))
		if err != nil {
			return err
		}
		if c.Version != 0 && c.Version != r.Version {
			return registration.ErrVersion
		}
		apply(&r, c, at)
		_, err = tx.ExecContext(ctx, `
			UPDATE clients SET metadata = $2, state = $3, version = $4, token = $5, changed_at = $6, place = $7 WHERE id = $1`,
			r.ID, string(r.Metadata), string(r.State), r.Version, r.Token, sqldb.Micros(at), place)
		if err != nil {
			return err
		}
		if err := changeSecrets(ctx, tx, at, c); err != nil {
			return err
		}
		if r.State == client.Removed {
			if err := endClient(ctx, tx, at, r.ID); err != nil {
				return err
			}
		}
		return record(ctx, tx, at, []audit.Event{event}, nil)
	})
	if err != nil {
		return r, err
	}
	return s.withSecrets(ctx, r)
}

// endClient ends all that people gave to whoever has an id, their approvals and refresh families: the next one asks
// each of them anew.
func endClient(ctx context.Context, tx *sqldb.Tx, at time.Time, id string) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE consents SET ended_at = CASE WHEN agreed_at > $2 THEN agreed_at ELSE $2 END, ended_for = $3 WHERE client_id = $1 AND agreed_at > ended_at`,
		id, sqldb.Micros(at), consent.Removed)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE refresh_families SET revoked_at = $2, revoked_for = 'client_removed' WHERE client_id = $1 AND revoked_at = 0`, id, sqldb.Micros(at))
	return err
}

// apply lays a change over a client. It is pure.
func apply(r *registration.Record, c registration.Change, at time.Time) {
	r.Version, r.ChangedAt = r.Version+1, at
	if c.State != "" {
		r.State = c.State
	}
	if c.Metadata != nil {
		r.Metadata = c.Metadata
	}
	if c.Token != "" {
		r.Token = c.Token
	}
	if r.State == client.Removed {
		r.Metadata, r.Token = nil, ""
	}
}

// changeSecrets ends former secrets and adds a new one; what has ended is not kept, nor more than a few:
// a client that registered itself gets a new one as often as it likes.
func changeSecrets(ctx context.Context, tx *sqldb.Tx, at time.Time, c registration.Change) error {
	if c.DropSecrets || c.State == client.Removed {
		_, err := tx.ExecContext(ctx, `DELETE FROM client_secrets WHERE client_id = $1`, c.ID)
		return err
	}
	if c.Secret == nil {
		return nil
	}
	_, err := tx.ExecContext(ctx, `UPDATE client_secrets SET ends_at = $2 WHERE client_id = $1 AND (ends_at = 0 OR ends_at > $2)`, c.ID, sqldb.Micros(c.Former))
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM client_secrets WHERE client_id = $1 AND ends_at <> 0 AND ends_at <= $2`, c.ID, sqldb.Micros(at)); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM client_secrets WHERE client_id = $1 AND id NOT IN (SELECT id FROM client_secrets WHERE client_id = $1 ORDER BY created_at DESC, id LIMIT $2)`, c.ID, registration.SecretsMost-1)
	if err != nil {
		return err
	}
	return addSecret(ctx, tx, c.ID, *c.Secret)
}

// ClientByID implements registration.Store.
func (s *Store) ClientByID(ctx context.Context, id string) (registration.Record, error) {
	r, err := scanClient(s.db.QueryRowContext(ctx, `SELECT `+clientColumns+` FROM clients WHERE id = $1 AND state <> $2`, id, string(client.Removed)))
	if err != nil {
		return r, err
	}
	return s.withSecrets(ctx, r)
}

// Clients implements registration.Store.
func (s *Store) Clients(ctx context.Context, after string, most int) ([]registration.Record, error) {
	return s.clients(ctx, `SELECT `+clientColumns+` FROM clients WHERE id > $1 AND state <> $2 ORDER BY id LIMIT $3`, after, string(client.Removed), int64(most))
}

// ClientsChanged implements registration.Store. Places become visible in their order, so what is above
// the last one that was read is all that changed since.
func (s *Store) ClientsChanged(ctx context.Context, after int64) ([]registration.Record, int64, error) {
	var last int64
	if err := s.db.QueryRowContext(ctx, `SELECT last FROM client_places WHERE one = 1`).Scan(&last); err != nil || last == after {
		return nil, after, err
	}
	changed, err := s.clients(ctx, `SELECT `+clientColumns+` FROM clients WHERE place > $1 ORDER BY place`, after)
	if err != nil {
		return nil, after, err
	}
	secrets, err := s.secrets(ctx, `client_id IN (SELECT id FROM clients WHERE place > $1)`, after)
	for i, c := range changed {
		changed[i].Secrets = secrets[c.ID]
	}
	return changed, last, err
}

func (s *Store) clients(ctx context.Context, query string, args ...any) ([]registration.Record, error) {
	rows, err := s.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []registration.Record
	for rows.Next() {
		r, err := scanClient(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

func scanClient(row scanner) (r registration.Record, err error) {
	var metadata string
	var created, changed int64
	err = row.Scan(&r.ID, &metadata, &r.State, &r.Version, &r.Token, &r.Initial, &created, &r.CreatedBy, &changed)
	if metadata != "" {
		r.Metadata = []byte(metadata)
	}
	r.CreatedAt, r.ChangedAt = sqldb.FromMicros(created), sqldb.FromMicros(changed)
	return r, sqldb.NotFound(err, client.ErrUnknown)
}

// secrets gives the sealed secrets of clients, the newest first.
func (s *Store) secrets(ctx context.Context, where string, arg any) (map[string][]registration.Sealed, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT client_id, id, sealed, created_at, ends_at FROM client_secrets WHERE `+where+` ORDER BY created_at DESC, id`, arg)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	out := map[string][]registration.Sealed{}
	for rows.Next() {
		var of string
		var sealed registration.Sealed
		var created, ends int64
		if err := rows.Scan(&of, &sealed.ID, &sealed.Secret, &created, &ends); err != nil {
			return nil, err
		}
		sealed.Created, sealed.EndsAt = sqldb.FromMicros(created), sqldb.FromMicros(ends)
		out[of] = append(out[of], sealed)
	}
	return out, rows.Err()
}

// withSecrets completes a client that was read alone.
func (s *Store) withSecrets(ctx context.Context, r registration.Record) (registration.Record, error) {
	secrets, err := s.secrets(ctx, `client_id = $1`, r.ID)
	r.Secrets = secrets[r.ID]
	return r, err
}
