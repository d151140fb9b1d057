package notify

import (
	"context"

	"eulogin.example/proto/kit/mail"
	"eulogin.example/proto/kit/outbox"
)

// SMSGateway sends text messages. ref is the same for each try of one message, so that a
// gateway that supports it delivers once. A fault.Invalid means that no later try can work.
type SMSGateway interface {
	SendSMS(ctx context.Context, to, text, ref string) error
}

// Deliveries gives the outbox worker what to do with our messages, by outbox kind.
func Deliveries(r *Renderer, mails mail.Sender, sms SMSGateway) map[string]func(context.Context, outbox.Row) error {
	return map[string]func(context.Context, outbox.Row) error{
		ByMail: func(ctx context.Context, row outbox.Row) error {
			m, err := Decode(row.Payload)
			if err != nil {
				return err
			}
			out, err := r.Mail(m, row.ID)
			if err != nil {
				return err
			}
			return mails.Send(ctx, out)
		},
		BySMS: func(ctx context.Context, row outbox.Row) error {
			m, err := Decode(row.Payload)
			if err != nil {
				return err
			}
			text, err := r.SMS(m)
			if err != nil {
				return err
			}
			return sms.SendSMS(ctx, m.To, text, row.ID)
		},
	}
}
