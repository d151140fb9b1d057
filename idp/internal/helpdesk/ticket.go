package helpdesk

import (
	"context"
	"encoding/json"
	"errors"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/limit"
	"eulogin.example/idp/internal/mailproof"
	"eulogin.example/idp/internal/notify"
)

// Purpose keeps links to the helpdesk apart from all other mailed links (security case 28).
const Purpose mailproof.Purpose = "helpdesk"

// Visitor is who asks.
type Visitor struct {
	Browser string // digest of the browser's binding cookie
	Address string // network address
	Lang    string // of the page; mails to addresses without an account are written in it
}

// Ask sends the link to the form with which a person asks the helpdesk without signing in. Answer
// and work are the same whether the address has an account or not.
func (s *Service) Ask(ctx context.Context, typed string, v Visitor) error {
	email, err := ident.Email(typed)
	if err != nil {
		return ErrForm.WithField("email", "helpdesk.error.email")
	}
	key, err := ident.EmailKey(email)
	if err != nil {
		return ErrForm.WithField("email", "helpdesk.error.email")
	}
	for _, l := range []struct{ name, key string }{{limit.RecoverAddress, v.Address}, {limit.HelpdeskMail, key}} {
		if err := s.Limits.Hit(ctx, l.name, l.key); err != nil {
			return err
		}
	}
	a, err := s.Accounts.ByEmailKey(ctx, key)
	if err != nil && !errors.Is(err, account.ErrUnknown) {
		return err
	}
	t, sec, err := s.Tickets.Open(ctx, mailproof.Ticket{Purpose: Purpose, Account: a.ID, Email: email, Data: json.RawMessage(`{}`), Asker: v.Browser, Void: a.ID == ""})
	if err != nil {
		return err
	}
	m := notify.NoAccount(notify.Person{Email: email, Lang: v.Lang}, s.Issuer+"/register")
	if a.ID != "" {
		m = notify.HelpdeskLink(a.Person(), notify.Link{URL: s.Issuer + "/helpdesk/write?t=" + sec.Token, ExpiresAt: t.ExpiresAt, ValidFor: s.Tickets.ValidFor()})
	}
	return s.Store.Record(ctx, s.Now(), []audit.Event{audit.HelpdeskAsked(a.ID)}, []notify.Message{m})
}

// LookLink judges a mailed link without using it up.
func (s *Service) LookLink(ctx context.Context, token, browser string) error {
	_, err := s.Tickets.Look(ctx, Purpose, token, browser)
	return err
}

// Write stores the person's question; the link is used up by it.
func (s *Service) Write(ctx context.Context, token, browser, text string) error {
	text, err := plain(text, "text")
	if err != nil {
		return err
	}
	t, err := s.Tickets.ProveByLink(ctx, Purpose, token, browser)
	if err != nil {
		return err
	}
	if t, err = s.Tickets.Finish(ctx, Purpose, t.ID, browser); err != nil {
		return err
	}
	q := Ticket{ID: ident.NewID(s.Rand), Account: t.Account, AskedAt: s.Now(), Text: text}
	err = s.Store.OpenTicket(ctx, q, audit.HelpdeskTicket(t.Account))
	if err != nil {
		return errors.Join(err, s.Tickets.Restore(context.WithoutCancel(ctx), t))
	}
	return nil
}

// Close ends a ticket.
func (s *Service) Close(ctx context.Context, agent, id ident.AccountID, ticket string) error {
	if _, err := s.person(ctx, agent, id); err != nil {
		return err
	}
	return s.Store.CloseTicket(ctx, ticket, agent, s.Now(), audit.HelpdeskClosed(agent, id))
}
