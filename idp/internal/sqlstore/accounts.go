package sqlstore

import (
	"context"
	"strings"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/proto/kit/sqldb"
)

const accountColumns = `id, given_name, family_name, email, email_key, mail_lang, status,
	assurance, always_mfa, privacy_version, created_at, updated_at, version, warn_release, show_details, tell_signin, guarded_at, adaptive, member_of`

// readAccount reads an account with the number that it confirmed first.
const readAccount = `SELECT ` + accountColumns + `,
	COALESCE((SELECT n.number FROM numbers n WHERE n.account_id = accounts.id AND n.removed_at = 0 ORDER BY n.added_at, n.id LIMIT 1), '') FROM accounts `

// ByID implements account.Reader.
func (s *Store) ByID(ctx context.Context, id account.ID) (account.Account, error) {
	return scanAccount(s.db.QueryRowContext(ctx,
		readAccount+`WHERE id = $1`, string(id)))
}

// byEmailKey gives one row, also where there is no account: reading a row takes a time that would tell
// (security case 32). It looks for nothing beside the account, not even its number.
const byEmailKey = `SELECT COALESCE(a.id, ''), COALESCE(a.given_name, ''), COALESCE(a.family_name, ''), COALESCE(a.email, ''), COALESCE(a.email_key, ''),
	COALESCE(a.mail_lang, ''), COALESCE(a.status, ''), COALESCE(a.assurance, 0), COALESCE(a.always_mfa, FALSE), COALESCE(a.privacy_version, ''),
	COALESCE(a.created_at, 0), COALESCE(a.updated_at, 0), COALESCE(a.version, 0), COALESCE(a.warn_release, FALSE), COALESCE(a.show_details, FALSE),
	COALESCE(a.tell_signin, FALSE), COALESCE(a.guarded_at, 0), COALESCE(a.adaptive, FALSE), COALESCE(a.member_of, ''), ''
	FROM (SELECT 1 AS one) o LEFT JOIN accounts a ON a.email_key = $1`

// ByEmailKey implements account.Reader.
func (s *Store) ByEmailKey(ctx context.Context, key string) (account.Account, error) {
	a, err := scanAccount(s.db.QueryRowContext(ctx, byEmailKey, key))
	if err == nil && a.ID == "" {
		return account.Account{}, account.ErrUnknown
	}
	return a, err
}

// Create implements account.Store.
func (s *Store) Create(ctx context.Context, a account.Account, passwordHash string, events []audit.Event, messages []notify.Message) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO accounts (`+accountColumns+`)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 0, $17, $18)`,
			string(a.ID), a.GivenName, a.FamilyName, a.Email, a.EmailKey, a.MailLang, string(a.Status),
			a.Assurance, a.AlwaysMFA, a.PrivacyVersion,
			sqldb.Micros(a.CreatedAt), sqldb.Micros(a.CreatedAt), int64(1), a.WarnRelease, a.ShowDetails, a.TellSignIn, a.Adaptive, strings.Join(a.Groups, " "))
		if err != nil {
			return err
		}
		err = insertPassword(ctx, tx, a.CreatedAt, a.ID, passwordHash)
		if err != nil {
			return err
		}
		return record(ctx, tx, a.CreatedAt, events, messages)
	})
	if !sqldb.IsUnique(err) {
		return err
	}
	_, lookup := s.ByEmailKey(ctx, a.EmailKey)
	if lookup == nil {
		return account.ErrEmailTaken.Because(err)
	}
	return account.ErrIDTaken.Because(err)
}

// Update implements account.Store.
func (s *Store) Update(ctx context.Context, at time.Time, a account.Account, events []audit.Event, messages []notify.Message) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `
			UPDATE accounts SET given_name = $1, family_name = $2, mail_lang = $3, always_mfa = $4,
				warn_release = $5, show_details = $6, tell_signin = $7, adaptive = $8, updated_at = $9, version = version + 1
			WHERE id = $10 AND version = $11`,
			a.GivenName, a.FamilyName, a.MailLang, a.AlwaysMFA, a.WarnRelease, a.ShowDetails, a.TellSignIn, a.Adaptive, sqldb.Micros(at), string(a.ID), a.Version)
		err = oneRow(res, err, account.ErrChanged)
		if err != nil {
			return err
		}
		return record(ctx, tx, at, events, messages)
	})
}

type scanner interface{ Scan(dest ...any) error }

func scanAccount(row scanner) (account.Account, error) {
	var a account.Account
	var created, updated, guarded int64
	var groups string
	err := row.Scan(&a.ID, &a.GivenName, &a.FamilyName, &a.Email, &a.EmailKey, &a.MailLang, &a.Status,
		&a.Assurance, &a.AlwaysMFA, &a.PrivacyVersion, &created, &updated, &a.Version, &a.WarnRelease, &a.ShowDetails, &a.TellSignIn, &guarded, &a.Adaptive, &groups, &a.Phone)
	if err != nil {
		return account.Account{}, sqldb.NotFound(err, account.ErrUnknown)
	}
	a.Guarded = guarded > 0
	if groups != "" {
		a.Groups = strings.Fields(groups)
	}
	a.CreatedAt, a.UpdatedAt = sqldb.FromMicros(created), sqldb.FromMicros(updated)
	return a, nil
}
