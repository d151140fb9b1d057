package sqlstore

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"time"

	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/ident"
	"eulogin.example/proto/kit/sqldb"
)

// chain writes events at the end of the trail. The first statement takes the row of the
// chain's end until the transaction is over, so writers come one after the other; they call
// this last, so that nobody waits for a row while holding that one.
func chain(ctx context.Context, tx sqldb.Querier, events []audit.Event) error {
	if len(events) == 0 {
		return nil
	}
	var l audit.Link
	if err := tx.QueryRowContext(ctx, `UPDATE audit_head SET seq = seq + $1 WHERE id = 1 RETURNING seq, digest`, len(events)).Scan(&l.Seq, &l.Prev); err != nil {
		return err
	}
	l.Seq -= int64(len(events))
	for _, e := range events {
		detail, err := json.Marshal(e.Detail)
		if err != nil {
			return err
		}
		l = audit.Link{
			Seq: l.Seq + 1, Prev: l.Prev, ID: ident.NewID(rand.Reader), At: sqldb.Micros(e.At), Actor: e.Actor, Of: e.Subject, Action: e.Action, Object: e.Object, Detail: string(detail),
		}
		digest := l.Digest()
		if _, err := tx.ExecContext(ctx, `INSERT INTO audit_events (id, at, actor, subject, action, object, detail, seq, digest) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			l.ID, l.At, l.Actor, l.Of, l.Action, l.Object, l.Detail, l.Seq, digest); err != nil {
			return err
		}
		l.Prev = digest
	}
	_, err := tx.ExecContext(ctx, `UPDATE audit_head SET digest = $1 WHERE id = 1`, l.Prev)
	return err
}

// verifyBatch is how many events are read at once.
const verifyBatch = 1000

// VerifyAudit holds the whole trail against its chain, and against places that were noted
// before. It gives the chain's end, to be noted, and how many events are older than the
// chain. What is written meanwhile is not looked at.
func (s *Store) VerifyAudit(ctx context.Context, known []audit.Anchor) (head audit.Anchor, before int64, err error) {
	if err := s.db.QueryRowContext(ctx, `SELECT seq, digest, before FROM audit_head WHERE id = 1`).Scan(&head.Seq, &head.Digest, &before); err != nil {
		return head, 0, err
	}
	var unchained int64
	if err := s.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM audit_events WHERE seq <= 0`).Scan(&unchained); err != nil {
		return head, 0, err
	}
	if unchained != before {
		return head, before, errUnchained(unchained, before)
	}
	v := audit.Verifier{Known: known}
	for v.At.Seq < head.Seq {
		n, err := s.verifySome(ctx, &v, head.Seq)
		if err != nil {
			return head, before, err
		}
		if n == 0 {
			break
		}
	}
	return head, before, v.End(head)
}

func (s *Store) verifySome(ctx context.Context, v *audit.Verifier, last int64) (int, error) {
	type stored struct {
		audit.Link
		digest string
	}
	rows, err := s.db.QueryContext(ctx, `SELECT seq, id, at, actor, subject, action, object, detail, digest FROM audit_events WHERE seq > $1 AND seq <= $2 AND seq > 0 ORDER BY seq LIMIT $3`, v.At.Seq, last, verifyBatch)
	list, err := all(rows, err, func(r interface{ Scan(...any) error }) (l stored, err error) {
		return l, r.Scan(&l.Seq, &l.ID, &l.At, &l.Actor, &l.Of, &l.Action, &l.Object, &l.Detail, &l.digest)
	})
	if err != nil {
		return 0, err
	}
	for _, l := range list {
		if err := v.Add(l.Link, l.digest); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

// Looked writes down that somebody looked at a person's data, once for each object within a
// time.
func (s *Store) Looked(ctx context.Context, e audit.Event, within time.Duration) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		var n int
		err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM audit_events WHERE object = $1 AND at > $2 AND actor = $3 AND action = $4`,
			e.Object, sqldb.Micros(e.At.Add(-within)), e.Actor, e.Action).Scan(&n)
		if err != nil || n > 0 {
			return err
		}
		return record(ctx, tx, e.At, []audit.Event{e}, nil)
	})
}

// Trail gives what others did with a person's data before a moment, newest first.
func (s *Store) Trail(ctx context.Context, personID string, before time.Time, most int) ([]audit.Event, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT at, actor, subject, action, object, detail FROM audit_events WHERE subject = $1 AND actor <> $1 AND at < $2 ORDER BY at DESC, id DESC LIMIT $3`,
		personID, sqldb.Micros(before), most)
	return all(rows, err, scanEvent)
}
