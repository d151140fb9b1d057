package sqlstore

import (
	"context"
	"time"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/consent"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/proto/kit/sqldb"
)

var _ consent.Store = (*Store)(nil)

// Ledger implements consent.Store.
func (s *Store) Ledger(ctx context.Context, id ident.AccountID, client string) ([]consent.Entry, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT client_id, claim, page, essential, agreed_at, told_at, ended_at, ended_for FROM consents
		WHERE account_id = $1 AND ($2 = '' OR client_id = $2) ORDER BY client_id, claim`, string(id), client)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []consent.Entry
	for rows.Next() {
		e := consent.Entry{Account: id}
		var agreed, told, ended int64
		if err := rows.Scan(&e.Client, &e.Claim, &e.Page, &e.Essential, &agreed, &told, &ended, &e.EndedFor); err != nil {
			return nil, err
		}
		e.AgreedAt, e.ToldAt, e.EndedAt = moment(agreed), moment(told), moment(ended)
		out = append(out, e)
	}
	return out, rows.Err()
}

// Renewals implements consent.Store.
func (s *Store) Renewals(ctx context.Context, id ident.AccountID) (map[string]time.Time, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT client_id, MAX(rotated_at) FROM refresh_families WHERE account_id = $1 AND rotated_at > 0 GROUP BY client_id`, string(id))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	out := map[string]time.Time{}
	for rows.Next() {
		var client string
		var rotated int64
		if err := rows.Scan(&client, &rotated); err != nil {
			return nil, err
		}
		out[client] = sqldb.FromMicros(rotated)
	}
	return out, rows.Err()
}

// WriteLedger implements consent.Store.
func (s *Store) WriteLedger(ctx context.Context, c consent.Change, events []audit.Event) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		for _, e := range c.Entries {
			res, err := tx.ExecContext(ctx, `
				INSERT INTO consents (account_id, client_id, claim, page, essential, agreed_at, told_at, ended_at, ended_for)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
				ON CONFLICT (account_id, client_id, claim) DO UPDATE SET page = excluded.page, essential = excluded.essential,
					agreed_at = excluded.agreed_at, told_at = excluded.told_at, ended_at = excluded.ended_at, ended_for = excluded.ended_for
				WHERE consents.ended_at = $10`,
				string(e.Account), e.Client, e.Claim, e.Page, e.Essential, sqldb.Micros(e.AgreedAt), sqldb.Micros(e.ToldAt), sqldb.Micros(e.EndedAt), e.EndedFor,
				sqldb.Micros(c.Was[e.Claim].EndedAt))
			if err := oneRow(res, err, consent.ErrAsk); err != nil {
				return err
			}
		}
		return record(ctx, tx, c.At, events, nil)
	})
}

// StopClaim implements consent.Store. What was agreed to by a clock that is ahead ends at that moment.
func (s *Store) StopClaim(ctx context.Context, at time.Time, id ident.AccountID, client, claim string, events []audit.Event, messages []notify.Message) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `
			UPDATE consents SET ended_at = CASE WHEN agreed_at > $4 THEN agreed_at ELSE $4 END, ended_for = $5
			WHERE account_id = $1 AND client_id = $2 AND claim = $3 AND agreed_at > ended_at AND NOT essential`,
			string(id), client, claim, sqldb.Micros(at), consent.Stopped)
		if err := oneRow(res, err, consent.ErrNone); err != nil {
			return err
		}
		if claim == consent.Offline {
			if err := revokeFamiliesOf(ctx, tx, at, id, client, consent.Stopped); err != nil {
				return err
			}
		}
		return record(ctx, tx, at, events, messages)
	})
}

// Withdraw implements consent.Store.
func (s *Store) Withdraw(ctx context.Context, w consent.Withdrawal, events []audit.Event, messages []notify.Message) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `
			UPDATE consents SET ended_at = CASE WHEN agreed_at > $3 THEN agreed_at ELSE $3 END, ended_for = $4 WHERE account_id = $1 AND client_id = $2 AND agreed_at > ended_at`,
			string(w.Account), w.Client, sqldb.Micros(w.At), consent.Withdrawn)
		if err := oneRow(res, err, consent.ErrNone); err != nil {
			return err
		}
		if err := revokeFamiliesOf(ctx, tx, w.At, w.Account, w.Client, consent.Withdrawn); err != nil {
			return err
		}
		for _, sid := range w.Tell {
			if err := addLogout(ctx, tx, w.At, w.Client, w.Account, sid); err != nil {
				return err
			}
		}
		return record(ctx, tx, w.At, events, messages)
	})
}

// revokeFamiliesOf ends the refresh families of an account with one service.
func revokeFamiliesOf(ctx context.Context, q sqldb.Querier, at time.Time, id ident.AccountID, client, why string) error {
	_, err := q.ExecContext(ctx, `UPDATE refresh_families SET revoked_at = $3, revoked_for = $4 WHERE account_id = $1 AND client_id = $2 AND revoked_at = 0`,
		string(id), client, sqldb.Micros(at), why)
	return err
}
