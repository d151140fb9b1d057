package mail

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"eulogin.example/proto/kit/fault"
)

// Message is one mail.
type Message struct {
	To      string // one address, without a display name
	Subject string
	Text    string
	HTML    string
	Lang    string // Content-Language
	Ref     string // unique; the local part of the Message-ID
}

// Sender sends mails. A fault of kind Invalid means that this mail can never be sent.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

var (
	errMessage = fault.New(fault.Invalid, "mail.message_refused")
	errServer  = fault.New(fault.Unavailable, "mail.server_unavailable")
)

// SMTP sends by one server.
type SMTP struct {
	host   string
	from   string
	domain string
	opts   []gomail.Option
}

// NewSMTP reads an address: smtp://user:password@host:587 (STARTTLS is required),
// smtps://…:465, or smtp:// of a loopback host, which needs no TLS. plain allows an
// unencrypted smtp:// elsewhere (a sink inside a development cluster). from is the sender's
// address, "Name <a@b>" or plain.
func NewSMTP(address, from string, plain bool) (*SMTP, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || (u.Scheme != "smtp" && u.Scheme != "smtps") {
		return nil, errors.New("mail: the address must be smtp://host:port or smtps://host:port")
	}
	s := &SMTP{host: u.Hostname(), from: from, domain: "localhost"}
	if at := strings.LastIndexByte(from, '@'); at > 0 {
		s.domain = strings.TrimSuffix(from[at+1:], ">")
	}
	port := 587
	s.opts = append(s.opts, gomail.WithTimeout(10*time.Second))
	switch {
	case u.Scheme == "smtps":
		port = 465
		s.opts = append(s.opts, gomail.WithSSL())
	case plain || loopback(u.Hostname()):
		s.opts = append(s.opts, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		s.opts = append(s.opts, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if p := u.Port(); p != "" {
		if port, err = strconv.Atoi(p); err != nil {
			return nil, errors.New("mail: the port is no number")
		}
	}
	s.opts = append(s.opts, gomail.WithPort(port))
	if u.User != nil {
		password, _ := u.User.Password()
		s.opts = append(s.opts, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(u.User.Username()), gomail.WithPassword(password))
	}
	return s, nil
}

// Send sends one mail.
func (s *SMTP) Send(ctx context.Context, m Message) error {
	msg, err := s.compose(m)
	if err != nil {
		return errMessage.Because(err)
	}
	client, err := gomail.NewClient(s.host, s.opts...)
	if err != nil {
		return errServer.Because(err)
	}
	if err := client.DialAndSendWithContext(ctx, msg); err != nil {
		var se *gomail.SendError
		if errors.As(err, &se) && !se.IsTemp() && se.ErrorCode() >= 550 {
			return errMessage.Because(err)
		}
		return errServer.Because(err)
	}
	return nil
}

func (s *SMTP) compose(m Message) (*gomail.Msg, error) {
	if strings.ContainsAny(m.To+m.Subject+m.Ref+m.Lang, "\r\n") {
		return nil, errors.New("a line break in a header")
	}
	msg := gomail.NewMsg()
	if err := msg.From(s.from); err != nil {
		return nil, fmt.Errorf("from: %w", err)
	}
	if err := msg.To(m.To); err != nil {
		return nil, fmt.Errorf("to: %w", err)
	}
	msg.Subject(m.Subject)
	msg.SetMessageIDWithValue(m.Ref + "@" + s.domain)
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("Content-Language", m.Lang)
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	return msg, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}
