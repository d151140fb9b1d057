package notify_test

import (
	"context"
	"errors"
	"testing"

	"eulogin.example/cpms/internal/notify"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/mail"
	"eulogin.example/proto/kit/outbox"
)

type sender struct {
	sent []mail.Message
	err  error
}

func (s *sender) Send(_ context.Context, m mail.Message) error {
	s.sent = append(s.sent, m)
	return s.err
}

func TestDeliver(t *testing.T) {
	r, _ := renderer(t)
	s := &sender{}
	deliver := notify.Deliver(r, s)
	raw, err := notify.Received(person.Person{Email: "a@x.eu", MailLang: "fr"}, "ern-eye", "l").Encode()
	if err != nil {
		t.Fatal(err)
	}
	row := outbox.Row{ID: "row1", Payload: raw}
	if err := deliver(t.Context(), row); err != nil || len(s.sent) != 1 || s.sent[0].Ref != "row1" || s.sent[0].To != "a@x.eu" {
		t.Fatalf("%+v %v", s.sent, err)
	}
	// The row's id is the receiver's key against doubles, also when it is tried again.
	s.err = errors.New("connection refused")
	if err := deliver(t.Context(), row); err == nil || s.sent[1].Ref != "row1" {
		t.Fatalf("%+v %v", s.sent, err)
	}
	// What can never be sent is put aside by the outbox, not tried for three days.
	if err := deliver(t.Context(), outbox.Row{Payload: []byte("{")}); fault.KindOf(err) != fault.Invalid {
		t.Fatal(err)
	}
}
