// Package devsink is where mails and text messages arrive in the development profile: an SMTP
// server on a loopback port, and a table behind the outbox page. It exists in no other
// profile.
package devsink

import (
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/sqldb"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations makes the table dev_messages.
func Migrations() fs.FS {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	return sub
}

// Message is one mail or text message.
type Message struct {
	ID      string    `json:"id"`
	At      time.Time `json:"at"`
	Kind    string    `json:"kind"` // "mail" or "sms"
	To      string    `json:"to"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	HTML    string    `json:"html"`
	Links   []string  `json:"links"`
}

// Sink stores what arrives.
type Sink struct {
	DB  *sqldb.DB
	Now func() time.Time
	Log *slog.Logger
}

// SendSMS implements the SMS gateway of the development profile. A second delivery of the
// same message changes nothing.
func (s *Sink) SendSMS(ctx context.Context, to, text, ref string) error {
	return s.store(ctx, Message{ID: ref, Kind: "sms", To: to, Text: text})
}

func (s *Sink) store(ctx context.Context, m Message) error {
	_, err := s.DB.ExecContext(ctx, `
		INSERT INTO dev_messages (id, at, kind, to_addr, subject, text, html) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING`,
		m.ID, sqldb.Micros(s.Now()), m.Kind, m.To, m.Subject, m.Text, m.HTML)
	return err
}

// Latest gives the newest messages, of one addressee or of all ("").
func (s *Sink) Latest(ctx context.Context, to string, most int) ([]Message, error) {
	rows, err := s.DB.QueryContext(ctx, `
		SELECT id, at, kind, to_addr, subject, text, html FROM dev_messages WHERE $1 = '' OR to_addr = $1 ORDER BY at DESC, id LIMIT $2`, to, most)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	out := []Message{}
	for rows.Next() {
		var m Message
		var at int64
		if err := rows.Scan(&m.ID, &at, &m.Kind, &m.To, &m.Subject, &m.Text, &m.HTML); err != nil {
			return nil, err
		}
		m.At, m.Links = sqldb.FromMicros(at), links(m.Text)
		out = append(out, m)
	}
	return out, rows.Err()
}

func links(text string) []string {
	out := []string{}
	for _, w := range strings.Fields(text) {
		if strings.HasPrefix(w, "http://") || strings.HasPrefix(w, "https://") {
			out = append(out, w)
		}
	}
	return out
}

// Serve runs the SMTP server until the context ends.
func (s *Sink) Serve(ctx context.Context, l net.Listener) error {
	srv := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &receiving{sink: s, ctx: ctx}, nil }))
	srv.Domain, srv.ReadTimeout, srv.WriteTimeout, srv.MaxMessageBytes, srv.MaxRecipients = "localhost", 10*time.Second, 10*time.Second, 1<<20, 5
	srv.ErrorLog = slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug)
	stop := context.AfterFunc(ctx, func() { _ = srv.Close() })
	defer stop()
	if err := srv.Serve(l); err != nil && !errors.Is(err, smtp.ErrServerClosed) && ctx.Err() == nil {
		return err
	}
	return nil
}

// receiving is one SMTP conversation.
type receiving struct {
	sink *Sink
	ctx  context.Context
	to   []string
}

// Mail begins a mail.
func (r *receiving) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt names an addressee.
func (r *receiving) Rcpt(to string, _ *smtp.RcptOptions) error {
	r.to = append(r.to, to)
	return nil
}

// Data takes the mail.
func (r *receiving) Data(body io.Reader) error {
	parsed, err := mail.ReadMessage(body)
	if err != nil {
		return err
	}
	m := Message{Kind: "mail", ID: strings.Trim(parsed.Header.Get("Message-ID"), "<>")}
	if m.ID == "" {
		m.ID = ident.NewID(rand.Reader)
	}
	m.Subject, err = new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject"))
	if err != nil {
		return err
	}
	if err := parts(parsed.Header.Get("Content-Type"), parsed.Header.Get("Content-Transfer-Encoding"), parsed.Body, &m); err != nil {
		return err
	}
	for _, to := range r.to {
		m.To = to
		if err := r.sink.store(context.WithoutCancel(r.ctx), m); err != nil {
			return err
		}
	}
	return nil
}

// Reset forgets the mail under way.
func (r *receiving) Reset() { r.to = nil }

// Logout ends the conversation.
func (r *receiving) Logout() error { return nil }

// parts finds the plain and the HTML part.
func parts(contentType, encoding string, body io.Reader, m *Message) error {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return err
	}
	if strings.HasPrefix(kind, "multipart/") {
		reader := multipart.NewReader(body, params["boundary"])
		for {
			p, err := reader.NextRawPart()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			if err := parts(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p, m); err != nil {
				return err
			}
		}
	}
	if strings.EqualFold(encoding, "quoted-printable") {
		body = quotedprintable.NewReader(body)
	}
	raw, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	if kind == "text/html" {
		m.HTML = string(raw)
	} else {
		m.Text = string(raw)
	}
	return nil
}
