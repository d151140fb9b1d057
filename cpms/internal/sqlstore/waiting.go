package sqlstore

import (
	"context"
	"strings"

	"eulogin.example/cpms/internal/notify"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/rights"
	"eulogin.example/cpms/internal/signoff"
	"eulogin.example/proto/kit/sqldb"
)

// message is a row of the outbox.
type message struct {
	id, kind string
	payload  []byte
	due      int64
}

func messages(ctx context.Context, q sqldb.Querier) ([]message, error) {
	rows, err := q.QueryContext(ctx, `SELECT id, kind, payload, due_at FROM outbox ORDER BY seq`)
	return all(rows, err, func(r interface{ Scan(...any) error }) (m message, err error) {
		return m, r.Scan(&m.id, &m.kind, &m.payload, &m.due)
	})
}

// waiting gives the mails to a person that have not left, or never could, and the words to idp
// that sign them out.
func (s *Store) waiting(ctx context.Context, p person.Person) ([]rights.Table, error) {
	mails, signoffs := rights.Table{Name: "mails"}, rights.Table{Name: "signoffs"}
	list, err := messages(ctx, s.db)
	for _, m := range list {
		due := rights.Cell{Column: "due_at", Value: sqldb.FromMicros(m.due)}
		switch m.kind {
		case notify.OutboxKind:
			if mail, err := notify.Decode(m.payload); err == nil && strings.EqualFold(mail.To, p.Email) {
				data := map[string]any{}
				for k, v := range mail.Data {
					if k != "requester" { // somebody else's name
						data[k] = v
					}
				}
				mails.Records = append(mails.Records, []rights.Cell{
					due, {Column: "kind", Value: mail.Kind}, {Column: "to", Value: mail.To}, {Column: "name", Value: mail.Name}, {Column: "lang", Value: mail.Lang}, {Column: "link", Value: mail.Link}, {Column: "data", Value: data},
				})
			}
		case signoff.OutboxKind:
			if word, err := signoff.Decode(m.payload); err == nil && word.Issuer == p.Issuer && word.Subject == p.Subject {
				signoffs.Records = append(signoffs.Records, []rights.Cell{due, {Column: "reason", Value: string(word.Reason)}})
			}
		}
	}
	return []rights.Table{mails, signoffs}, err
}
