package sqlstore

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"time"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/signout"
	"eulogin.example/proto/kit/outbox"
	"eulogin.example/proto/kit/sqldb"
)

// AccountEvent is what other services hear of an account; rows of one subject leave the
// outbox in the order of Sequence.
type AccountEvent struct {
	ID       string          `json:"id"`
	Subject  ident.AccountID `json:"subject"`
	Sequence uint64          `json:"sequence"`
	At       time.Time       `json:"at"`
	Kind     string          `json:"kind"`
	SID      string          `json:"sid,omitempty"`
	Until    time.Time       `json:"until,omitzero"`
	Email    string          `json:"email,omitempty"`
	Given    string          `json:"given,omitempty"`
	Family   string          `json:"family,omitempty"`
}

// AccountEventKind names account events in the outbox.
const AccountEventKind = "account_event"

// told says which audit events other services hear of. The mapping stands beside the audit,
// so that a cause cannot be written without its consequence.
var told = map[string]func(audit.Event) AccountEvent{
	"session.ended":         func(e audit.Event) AccountEvent { return AccountEvent{Kind: "session_ended", SID: e.Detail["sid"]} },
	"account.email_changed": func(audit.Event) AccountEvent { return AccountEvent{Kind: "email_changed"} },
	"account.email_undone":  func(audit.Event) AccountEvent { return AccountEvent{Kind: "email_changed"} },
	"account.disabled":      func(audit.Event) AccountEvent { return AccountEvent{Kind: "disabled"} },
	"account.erased":        func(audit.Event) AccountEvent { return AccountEvent{Kind: "erased"} },
	"account.name_changed":  func(audit.Event) AccountEvent { return AccountEvent{Kind: "name_changed"} },
	"signin.locked": func(e audit.Event) AccountEvent {
		until, _ := time.Parse(time.RFC3339, e.Detail["until"])
		return AccountEvent{Kind: "locked", Until: until}
	},
}

// tell writes the account event that follows from an audit event, if one does.
func tell(ctx context.Context, tx sqldb.Querier, now time.Time, e audit.Event) error {
	make := told[e.Action]
	if make == nil || e.Subject == "" {
		return nil
	}
	told := make(e)
	if told.Kind == "email_changed" || told.Kind == "name_changed" {
		err := tx.QueryRowContext(ctx, `SELECT email, given_name, family_name FROM accounts WHERE id = $1`, string(e.Subject)).
			Scan(&told.Email, &told.Given, &told.Family)
		if err != nil {
			return err
		}
	}
	return publish(ctx, tx, now, e.Subject, told)
}

// publish numbers an event among those of its subject and puts it into the outbox.
func publish(ctx context.Context, tx sqldb.Querier, now time.Time, subject ident.AccountID, e AccountEvent) error {
	e.ID, e.Subject, e.At = ident.NewID(rand.Reader), subject, now
	err := tx.QueryRowContext(ctx, `
		INSERT INTO event_sequence (subject, last) VALUES ($1, 1)
		ON CONFLICT (subject) DO UPDATE SET last = event_sequence.last + 1 RETURNING last`, string(subject)).Scan(&e.Sequence)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return outbox.Add(ctx, tx, now, outbox.Row{ID: e.ID, Kind: AccountEventKind, Key: "account:" + string(subject), Payload: raw})
}

// FactorsReset implements Events.
func (s *Store) FactorsReset(ctx context.Context, tx sqldb.Querier, at time.Time, account ident.AccountID) error {
	return publish(ctx, tx, at, account, AccountEvent{Kind: "factors_reset"})
}

// RecordEnd implements signout.Store: in one transaction the audit event, what services hear
// over gRPC, the logout tokens to be sent, and with forget the end of refresh tokens.
func (s *Store) RecordEnd(ctx context.Context, e signout.End) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if e.Forget {
			if err := revokeFamilies(ctx, tx, e.At, e.Account, e.SID, e.Why); err != nil {
				return err
			}
		}
		for _, c := range e.Clients {
			if err := addLogout(ctx, tx, e.At, c, e.Account, e.SID); err != nil {
				return err
			}
		}
		return record(ctx, tx, e.At, []audit.Event{audit.SessionEnded(e.Account, e.SID, e.Why)}, nil)
	})
}

// RecordLeave implements signout.Store: the audit event and the logout token in one transaction.
func (s *Store) RecordLeave(ctx context.Context, l signout.Leave) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if l.Tell {
			if err := addLogout(ctx, tx, l.At, l.Client, l.Account, l.SID); err != nil {
				return err
			}
		}
		return record(ctx, tx, l.At, []audit.Event{audit.ServiceLeft(l.Account, l.SID, l.Client)}, nil)
	})
}

// addLogout puts the logout token of one client and session into the outbox.
func addLogout(ctx context.Context, tx sqldb.Querier, at time.Time, client string, id ident.AccountID, sid string) error {
	raw, err := json.Marshal(signout.Notice{Client: client, Subject: id, SID: sid})
	if err != nil {
		return err
	}
	return outbox.Add(ctx, tx, at, outbox.Row{ID: ident.NewID(rand.Reader), Kind: signout.OutboxKind, Payload: raw})
}
