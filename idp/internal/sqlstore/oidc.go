package sqlstore

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"eulogin.example/idp/internal/grant"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/sqldb"
)

// AddFamily begins a refresh family. It replaces one of the same id that gave nothing yet. The
// approval is kept whole as JSON; the columns beside it are what rows are found by, and what a
// release before 0042 reads.
func (s *Store) AddFamily(ctx context.Context, at time.Time, f grant.Family) error {
	approval, err := json.Marshal(f.Approval)
	if err != nil {
		return err
	}
	res, err := s.db.ExecContext(ctx, `
		INSERT INTO refresh_families (id, client_id, account_id, sid, scopes, acr, amr, auth_time, current, previous, created_at, rotated_at, expires_at, revoked_at, revoked_for, jkt, approval)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', $10, 0, $11, 0, '', $12, $13)
		ON CONFLICT (id) DO UPDATE SET current = excluded.current, jkt = excluded.jkt, approval = excluded.approval
		WHERE refresh_families.revoked_at = 0 AND refresh_families.previous = '' AND refresh_families.client_id = excluded.client_id`,
		f.ID, f.Client, string(f.Account), f.SID, strings.Join(f.Scopes, " "), f.ACR, strings.Join(f.AMR, " "), sqldb.Micros(f.AuthTime),
		f.Current, sqldb.Micros(at), sqldb.Micros(f.ExpiresAt), f.JKT, string(approval))
	return oneRow(res, err, grant.ErrInvalid)
}

// FamilyByID finds a family, living or not.
func (s *Store) FamilyByID(ctx context.Context, id string) (grant.Family, error) {
	f := grant.Family{ID: id}
	var scopes, amr, approval string
	var auth, rotated, expires, revoked int64
	err := s.db.QueryRowContext(ctx, `
		SELECT client_id, account_id, sid, scopes, acr, amr, auth_time, current, previous, rotated_at, expires_at, revoked_at, jkt, approval
		FROM refresh_families WHERE id = $1`, id).
		Scan(&f.Client, &f.Account, &f.SID, &scopes, &f.ACR, &amr, &auth, &f.Current, &f.Previous, &rotated, &expires, &revoked, &f.JKT, &approval)
	if err != nil {
		return f, sqldb.NotFound(err, grant.ErrInvalid)
	}
	f.Scopes, f.AMR = strings.Fields(scopes), strings.Fields(amr)
	f.AuthTime, f.RotatedAt = sqldb.FromMicros(auth), sqldb.FromMicros(rotated)
	f.ExpiresAt, f.RevokedAt = sqldb.FromMicros(expires), sqldb.FromMicros(revoked)
	if approval != "" {
		err = json.Unmarshal([]byte(approval), &f.Approval)
	}
	return f, err
}

// RotateFamily replaces the current token if it is still the presented one.
func (s *Store) RotateFamily(ctx context.Context, at time.Time, id, presented, next string) error {
	res, err := s.db.ExecContext(ctx, `
		UPDATE refresh_families SET previous = current, current = $3, rotated_at = $4
		WHERE id = $1 AND current = $2 AND revoked_at = 0`, id, presented, next, sqldb.Micros(at))
	return oneRow(res, err, grant.ErrInvalid)
}

// RevokeFamily ends a family; one that has ended or never was is no error.
func (s *Store) RevokeFamily(ctx context.Context, at time.Time, id, why string) error {
	_, err := s.db.ExecContext(ctx, `UPDATE refresh_families SET revoked_at = $2, revoked_for = $3 WHERE id = $1 AND revoked_at = 0`, id, sqldb.Micros(at), why)
	return err
}

// RevokeFamilies ends the families of an account, or with a sid those of one session.
func (s *Store) RevokeFamilies(ctx context.Context, at time.Time, account ident.AccountID, sid, why string) error {
	return revokeFamilies(ctx, s.db, at, account, sid, why)
}

func revokeFamilies(ctx context.Context, q sqldb.Querier, at time.Time, account ident.AccountID, sid, why string) error {
	_, err := q.ExecContext(ctx, `
		UPDATE refresh_families SET revoked_at = $3, revoked_for = $4
		WHERE account_id = $1 AND revoked_at = 0 AND ($2 = '' OR sid = $2)`, string(account), sid, sqldb.Micros(at), why)
	return err
}

// ForgetFamilies removes families that ended long ago.
func (s *Store) ForgetFamilies(ctx context.Context, before time.Time) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM refresh_families WHERE expires_at < $1`, sqldb.Micros(before))
	return err
}
