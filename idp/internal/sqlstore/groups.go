package sqlstore

import (
	"context"
	"slices"
	"strings"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/proto/kit/sqldb"
)

// SetGroups gives an account, as it was read, the groups that stand in it. Errors: account.ErrChanged
// when somebody was faster.
func (s *Store) SetGroups(ctx context.Context, at time.Time, a account.Account, event audit.Event) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE accounts SET member_of = $1, updated_at = $2, version = version + 1 WHERE id = $3 AND version = $4 AND status <> $5`,
			strings.Join(a.Groups, " "), sqldb.Micros(at), string(a.ID), a.Version, string(account.Erased))
		if err := oneRow(res, err, account.ErrChanged); err != nil {
			return err
		}
		return record(ctx, tx, at, []audit.Event{event}, nil)
	})
}

// Members lists the accounts in a group, by their identifiers.
func (s *Store) Members(ctx context.Context, group string) (out []account.Account, err error) {
	rows, err := s.db.QueryContext(ctx, readAccount+`WHERE member_of <> '' ORDER BY id`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		a, err := scanAccount(rows)
		if err != nil {
			return nil, err
		}
		if slices.Contains(a.Groups, group) {
			out = append(out, a)
		}
	}
	return out, rows.Err()
}
