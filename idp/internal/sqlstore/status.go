package sqlstore

import (
	"context"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/proto/kit/sqldb"
)

// SetStatus opens or closes an account; services are told when it closes. An erased account
// stays erased: account.ErrUnknown.
func (s *Store) SetStatus(ctx context.Context, at time.Time, id account.ID, status account.Status, event audit.Event) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `
			UPDATE accounts SET status = $1, updated_at = $2, version = version + 1 WHERE id = $3 AND status <> $4`,
			string(status), sqldb.Micros(at), string(id), string(account.Erased))
		if err := oneRow(res, err, account.ErrUnknown); err != nil {
			return err
		}
		if status == account.Disabled {
			if err := revokeFamilies(ctx, tx, at, id, "", "disabled"); err != nil {
				return err
			}
		}
		return record(ctx, tx, at, []audit.Event{event}, nil)
	})
}

// ofAccount empties, in an order that their references allow, every table that holds something
// of an account. What stays is the account's id, so that nobody else ever gets it, the record
// of what happened, and refresh families, which are digests and end.
var ofAccount = []struct{ table, of string }{
	{"passwords", "account_id = $1"},
	{"numbers", "account_id = $1"},
	{"devices", "account_id = $1"},
	{"authenticators", "account_id = $1"},
	{"recovery_codes", "set_id IN (SELECT id FROM recovery_sets WHERE account_id = $1)"},
	{"recovery_sets", "account_id = $1"},
	{"webauthn_credentials", "account_id = $1"},
	{"webauthn_handles", "account_id = $1"},
	{"factor_changes", "account_id = $1"},
	{"factor_losses", "account_id = $1"},
	{"helpdesk_agents", "account_id = $1"},
	{"helpdesk_tickets", "account_id = $1"},
	{"helpdesk_cases", "account_id = $1"},
	{"email_changes", "account_id = $1"},
	{"signin_history", "account_id = $1"},
	{"consents", "account_id = $1"},
}

// ErasedTables names the tables that Erase empties of an account.
func ErasedTables() (out []string) {
	for _, t := range ofAccount {
		out = append(out, t.table)
	}
	return out
}

// Erase removes everything personal of an account for ever, and services are told. Erasing
// twice is account.ErrUnknown.
func (s *Store) Erase(ctx context.Context, at time.Time, id account.ID, event audit.Event) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error { return erase(ctx, tx, at, id, event, nil) })
}

func erase(ctx context.Context, tx *sqldb.Tx, at time.Time, id account.ID, event audit.Event, messages []notify.Message) error {
	res, err := tx.ExecContext(ctx, `
		UPDATE accounts SET given_name = '', family_name = '', email = '', email_key = $1, member_of = '', status = $2, updated_at = $3, version = version + 1
		WHERE id = $4 AND status <> $2`, "erased "+string(id), string(account.Erased), sqldb.Micros(at), string(id))
	if err := oneRow(res, err, account.ErrUnknown); err != nil {
		return err
	}
	for _, t := range ofAccount {
		if _, err := tx.ExecContext(ctx, `DELETE FROM `+t.table+` WHERE `+t.of, string(id)); err != nil {
			return err
		}
	}
	// An operator was faster than the person's own request.
	if _, err := tx.ExecContext(ctx, `UPDATE erasures SET state = 'done', ended_at = $2 WHERE account_id = $1 AND state = 'waiting'`, string(id), sqldb.Micros(at)); err != nil {
		return err
	}
	if err := revokeFamilies(ctx, tx, at, id, "", "erased"); err != nil {
		return err
	}
	return record(ctx, tx, at, []audit.Event{event}, messages)
}
