package sqlstore

import (
	"context"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/notify"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/proto/kit/sqldb"
)

const deputyColumns = `id, network, coordinator_id, deputy_id, from_at, until_at, made_at, ended_at`

func scanDeputy(r interface{ Scan(...any) error }) (d access.Deputy, err error) {
	var from, until, made, ended int64
	err = r.Scan(&d.ID, &d.Network, &d.CoordinatorID, &d.DeputyID, &from, &until, &made, &ended)
	d.From, d.Until = sqldb.FromMicros(from), sqldb.FromMicros(until)
	d.MadeAt, d.EndedAt = sqldb.FromMicros(made), sqldb.FromMicros(ended)
	return d, err
}

// AddDeputy adds a deputy unless the coordinator has another for the network in that time. The
// coordinator's row is held meanwhile, so that two that race do not both find none.
func (s *Store) AddDeputy(ctx context.Context, d access.Deputy, events []audit.Event, mails []notify.Mail) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := alive(ctx, tx, d.CoordinatorID); err != nil {
			return err
		}
		var n int
		err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM deputies WHERE coordinator_id = $1 AND network = $2 AND ended_at = 0 AND from_at < $4 AND until_at > $3`,
			d.CoordinatorID, d.Network, sqldb.Micros(d.From), sqldb.Micros(d.Until)).Scan(&n)
		if err != nil {
			return err
		}
		if n > 0 {
			return access.ErrDeputy.WithField("from", "deputy.overlap")
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO deputies (`+deputyColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)`,
			d.ID, d.Network, d.CoordinatorID, d.DeputyID, sqldb.Micros(d.From), sqldb.Micros(d.Until), sqldb.Micros(d.MadeAt)); err != nil {
			return err
		}
		return record(ctx, tx, d.MadeAt, events, mails)
	})
}

// EndDeputy ends a deputy that is not over.
func (s *Store) EndDeputy(ctx context.Context, at time.Time, id string, events []audit.Event, mails []notify.Mail) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE deputies SET ended_at = $2 WHERE id = $1 AND ended_at = 0 AND until_at > $2`, id, sqldb.Micros(at))
		if err := oneRow(res, err, access.ErrNoDeputy); err != nil {
			return err
		}
		return record(ctx, tx, at, events, mails)
	})
}

// DeputyByID finds a deputy.
func (s *Store) DeputyByID(ctx context.Context, id string) (access.Deputy, error) {
	d, err := scanDeputy(s.db.QueryRowContext(ctx, `SELECT `+deputyColumns+` FROM deputies WHERE id = $1`, id))
	return d, sqldb.NotFound(err, access.ErrNoDeputy)
}

// DeputiesOf gives the deputies that are not over of a coordinator or that a person is; with
// "" all of them.
func (s *Store) DeputiesOf(ctx context.Context, personID string, at time.Time, most int) ([]access.Deputy, error) {
	where, args := `until_at > $1 AND ended_at = 0`, []any{sqldb.Micros(at), most}
	if personID != "" {
		where, args = where+` AND (coordinator_id = $3 OR deputy_id = $3)`, append(args, personID)
	}
	rows, err := s.db.QueryContext(ctx, `SELECT `+deputyColumns+` FROM deputies WHERE `+where+` ORDER BY from_at, id LIMIT $2`, args...)
	return all(rows, err, scanDeputy)
}

// PeopleByEmail finds people by their address at idp; there may be several, or one that is
// closed.
func (s *Store) PeopleByEmail(ctx context.Context, email string) ([]person.Person, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+personColumns+` FROM people WHERE lower(email) = lower($1) AND email <> '' ORDER BY created_at, id`, email)
	return all(rows, err, scanPerson)
}
