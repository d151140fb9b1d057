// Package signoff signs people out everywhere after access ended: at idp, which ends their
// sessions and tokens there and tells the services that were used, and here (domain.md row 40).
//
// The message is written in the transaction that ends the access and leaves through the outbox,
// so it is carried out when idp answers again, and a second delivery does no harm.
package signoff

import (
	"context"
	"encoding/json"
	"time"

	idpv1 "eulogin.example/proto/idp/v1"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/outbox"
)

// OutboxKind is the kind of these messages in the outbox.
const OutboxKind = "signoff"

// Deadline is how long idp may take for one.
const Deadline = 3 * time.Second

// Reason is what idp is told and writes down.
type Reason string

// The reasons.
const (
	AccessRevoked   Reason = "access_revoked"
	AccessGivenBack Reason = "access_given_back"
	AccessExpired   Reason = "access_expired"
)

// Message names who is signed out, and why.
type Message struct {
	Issuer  string `json:"issuer"`
	Subject string `json:"subject"`
	Reason  Reason `json:"reason"`
}

// ErrMalformed says that a message can never be carried out; it is put aside.
var ErrMalformed = fault.New(fault.Invalid, "signoff.malformed")

// Encode gives the message as the outbox keeps it.
func (m Message) Encode() ([]byte, error) { return json.Marshal(m) }

// Decode undoes Encode.
func Decode(raw []byte) (m Message, err error) {
	if err := json.Unmarshal(raw, &m); err != nil {
		return m, ErrMalformed.Because(err)
	}
	if m.Issuer == "" || m.Subject == "" || m.Reason == "" {
		return m, ErrMalformed
	}
	return m, nil
}

// Sessions ends the sessions of this service.
type Sessions interface {
	EndBySubject(ctx context.Context, issuer, subject string) error
}

// Deliver carries messages of the outbox out: here first, which needs nobody else, then at idp.
// Somebody whom idp does not know any more has no sessions there.
func Deliver(own Sessions, idp idpv1.SessionsClient) outbox.Deliver {
	return func(ctx context.Context, row outbox.Row) error {
		m, err := Decode(row.Payload)
		if err != nil {
			return err
		}
		if err := own.EndBySubject(ctx, m.Issuer, m.Subject); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(ctx, Deadline)
		defer cancel()
		_, err = idp.Revoke(ctx, &idpv1.RevokeRequest{Subject: m.Subject, Reason: string(m.Reason)})
		if fault.KindOf(err) == fault.NotFound {
			return nil
		}
		return err
	}
}
