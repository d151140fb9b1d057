package devsink_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/notify/devsink"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/mail"
)

// start runs a sink and a sender that talks SMTP to it.
func start(t *testing.T) (*devsink.Sink, *mail.SMTP) {
	t.Helper()
	sink := &devsink.Sink{DB: backendtest.SQLite(t, devsink.Migrations()), Now: time.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- sink.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	sender, err := mail.NewSMTP("smtp://"+l.Addr().String(), "EU Login <eulogin@eulogin.example>", false)
	if err != nil {
		t.Fatal(err)
	}
	return sink, sender
}

func TestAMailArrivesAsItWasSent(t *testing.T) {
	sink, sender := start(t)
	m := mail.Message{
		To: "jörg@example.org", Subject: "Bestätigen Sie Ihre Adresse – später geht es nicht", Lang: "de", Ref: "ref1",
		Text: "Guten Tag Jörg,\n\nhttps://idp.example/register/confirm?t=abc%2Fdef\n\n" + strings.Repeat("long line ", 40), HTML: "<p>Guten Tag Jörg</p>",
	}
	m.To = "joerg@example.org"
	for range 2 { // a second delivery of the same message is one letter
		if err := sender.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	list, err := sink.Latest(t.Context(), "joerg@example.org", 10)
	if err != nil || len(list) != 1 {
		t.Fatalf("%d letters, %v", len(list), err)
	}
	got := list[0]
	if got.Subject != m.Subject || strings.ReplaceAll(strings.TrimSpace(got.Text), "\r\n", "\n") != strings.TrimSpace(m.Text) || !strings.Contains(got.HTML, "Jörg") || got.Kind != "mail" {
		t.Errorf("%+v", got)
	}
	if !slices.Contains(got.Links, "https://idp.example/register/confirm?t=abc%2Fdef") {
		t.Errorf("links %v", got.Links)
	}
	if other, _ := sink.Latest(t.Context(), "anna@example.org", 10); len(other) != 0 {
		t.Error("somebody else's letters")
	}
}

func TestHeadersCannotBeInjected(t *testing.T) {
	_, sender := start(t)
	for name, m := range map[string]mail.Message{
		"subject":   {To: "a@example.org", Subject: "x\r\nBcc: b@example.org", Text: "x", Ref: "1"},
		"recipient": {To: "a@example.org\r\nRCPT TO:<b@example.org>", Subject: "x", Text: "x", Ref: "2"},
		"two":       {To: "a@example.org, b@example.org", Subject: "x", Text: "x", Ref: "3"},
		"reference": {To: "a@example.org", Subject: "x", Text: "x", Ref: "4>\r\nX: y"},
	} {
		if err := sender.Send(t.Context(), m); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNoServerIsTryAgain(t *testing.T) {
	sender, err := mail.NewSMTP("smtp://127.0.0.1:1", "a@example.org", false)
	if err != nil {
		t.Fatal(err)
	}
	if err := sender.Send(t.Context(), mail.Message{To: "a@example.org", Subject: "x", Text: "x", Ref: "1"}); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("%v", err)
	}
	for _, bad := range []string{"http://x", "smtp://", "smtp://h:port"} {
		if _, err := mail.NewSMTP(bad, "a@example.org", false); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestTextMessages(t *testing.T) {
	sink, _ := start(t)
	if err := sink.SendSMS(t.Context(), "+32470123456", "abc-def-ghj", "r"); err != nil {
		t.Fatal(err)
	}
	if l, err := sink.Latest(t.Context(), "", 10); err != nil || len(l) != 1 || l[0].Kind != "sms" {
		t.Fatalf("%v %v", l, err)
	}
}
