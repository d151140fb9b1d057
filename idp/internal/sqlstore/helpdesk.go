package sqlstore

import (
	"context"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/helpdesk"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/sqldb"
)

var _ helpdesk.Store = (*Store)(nil)

// SetAgent makes an account an agent of the helpdesk, or takes that away.
func (s *Store) SetAgent(ctx context.Context, id ident.AccountID, agent bool, at time.Time) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if !agent {
			if _, err := tx.ExecContext(ctx, `DELETE FROM helpdesk_agents WHERE account_id = $1`, string(id)); err != nil {
				return err
			}
			return record(ctx, tx, at, []audit.Event{audit.AgentRemoved(id)}, nil)
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO helpdesk_agents (account_id, since) VALUES ($1, $2) ON CONFLICT (account_id) DO NOTHING`, string(id), sqldb.Micros(at))
		if err != nil {
			return err
		}
		return record(ctx, tx, at, []audit.Event{audit.AgentAdded(id)}, nil)
	})
}

// Agents lists the accounts of the helpdesk's agents.
func (s *Store) Agents(ctx context.Context) ([]ident.AccountID, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT account_id FROM helpdesk_agents ORDER BY since, account_id`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []ident.AccountID
	for rows.Next() {
		var id ident.AccountID
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, rows.Err()
}

// IsAgent implements helpdesk.Store.
func (s *Store) IsAgent(ctx context.Context, id ident.AccountID) (bool, error) {
	var n int
	err := s.db.QueryRowContext(ctx, `
		SELECT COUNT(*) FROM helpdesk_agents h JOIN accounts a ON a.id = h.account_id WHERE h.account_id = $1 AND a.status = $2`, string(id), string(account.Active)).Scan(&n)
	return n == 1, err
}

const caseColumns = `id, account_id, kind, factor_id, reason, opened_at, opened_by`

// OpenCase implements helpdesk.Store.
func (s *Store) OpenCase(ctx context.Context, c helpdesk.Case, event audit.Event) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO helpdesk_cases (`+caseColumns+`, state, ended_at, ended_by) VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', 0, '')`,
			c.ID, string(c.Account), string(c.Kind), c.Factor, c.Reason, sqldb.Micros(c.OpenedAt), string(c.OpenedBy))
		if err != nil {
			return err
		}
		return record(ctx, tx, c.OpenedAt, []audit.Event{event}, nil)
	})
	if sqldb.IsUnique(err) {
		return helpdesk.ErrOpen.Because(err)
	}
	return err
}

// Case implements helpdesk.Store.
func (s *Store) Case(ctx context.Context, id string) (helpdesk.Case, error) {
	return scanCase(s.db.QueryRowContext(ctx, `SELECT `+caseColumns+` FROM helpdesk_cases WHERE id = $1 AND state = 'open'`, id))
}

// Cases implements helpdesk.Store.
func (s *Store) Cases(ctx context.Context, since time.Time, most int) ([]helpdesk.Case, error) {
	var from int64
	if !since.IsZero() {
		from = sqldb.Micros(since)
	}
	rows, err := s.db.QueryContext(ctx, `
		SELECT `+caseColumns+` FROM helpdesk_cases WHERE state = 'open' AND opened_at >= $1 ORDER BY opened_at, id LIMIT $2`, from, int64(most))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []helpdesk.Case
	for rows.Next() {
		c, err := scanCase(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// EndCase implements helpdesk.Store.
func (s *Store) EndCase(ctx context.Context, id string, by ident.AccountID, at time.Time, event audit.Event) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := endCase(ctx, tx, id, by, at, "refused"); err != nil {
			return err
		}
		return record(ctx, tx, at, []audit.Event{event}, nil)
	})
}

// confirmed ends a case as the second agent's yes, inside the transaction of its effect.
func confirmed(ctx context.Context, tx sqldb.Querier, c factor.Confirmation, at time.Time) error {
	if err := endCase(ctx, tx, c.Case, c.By, at, "done"); err != nil {
		return err
	}
	return record(ctx, tx, at, []audit.Event{c.Event}, nil)
}

func endCase(ctx context.Context, tx sqldb.Querier, id string, by ident.AccountID, at time.Time, state string) error {
	res, err := tx.ExecContext(ctx, `
		UPDATE helpdesk_cases SET state = $1, ended_at = $2, ended_by = $3 WHERE id = $4 AND state = 'open' AND ($1 <> 'done' OR opened_by <> $3)`,
		state, sqldb.Micros(at), string(by), id)
	return oneRow(res, err, factor.ErrConfirmed)
}

// OpenTicket implements helpdesk.Store.
func (s *Store) OpenTicket(ctx context.Context, t helpdesk.Ticket, event audit.Event) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO helpdesk_tickets (id, account_id, asked_at, text, closed_at, closed_by) VALUES ($1, $2, $3, $4, 0, '')`,
			t.ID, string(t.Account), sqldb.Micros(t.AskedAt), t.Text)
		if err != nil {
			return err
		}
		return record(ctx, tx, t.AskedAt, []audit.Event{event}, nil)
	})
}

// Tickets implements helpdesk.Store.
func (s *Store) Tickets(ctx context.Context, id ident.AccountID, most int) ([]helpdesk.Ticket, error) {
	query, args := `SELECT id, account_id, asked_at, text FROM helpdesk_tickets WHERE closed_at = 0 ORDER BY asked_at, id LIMIT $1`, []any{int64(most)}
	if id != "" {
		query, args = `SELECT id, account_id, asked_at, text FROM helpdesk_tickets WHERE closed_at = 0 AND account_id = $2 ORDER BY asked_at, id LIMIT $1`, append(args, string(id))
	}
	rows, err := s.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []helpdesk.Ticket
	for rows.Next() {
		var t helpdesk.Ticket
		var at int64
		if err := rows.Scan(&t.ID, &t.Account, &at, &t.Text); err != nil {
			return nil, err
		}
		t.AskedAt = sqldb.FromMicros(at)
		out = append(out, t)
	}
	return out, rows.Err()
}

// CloseTicket implements helpdesk.Store.
func (s *Store) CloseTicket(ctx context.Context, id string, by ident.AccountID, at time.Time, event audit.Event) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `
			UPDATE helpdesk_tickets SET closed_at = $1, closed_by = $2 WHERE id = $3 AND account_id = $4 AND closed_at = 0`,
			sqldb.Micros(at), string(by), id, string(event.Subject))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return record(ctx, tx, at, []audit.Event{event}, nil)
	})
}

func scanCase(row scanner) (helpdesk.Case, error) {
	var c helpdesk.Case
	var at int64
	err := row.Scan(&c.ID, &c.Account, &c.Kind, &c.Factor, &c.Reason, &at, &c.OpenedBy)
	if err != nil {
		return helpdesk.Case{}, sqldb.NotFound(err, helpdesk.ErrOver)
	}
	c.OpenedAt = sqldb.FromMicros(at)
	return c, nil
}
