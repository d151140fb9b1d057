package limit

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// ErrTooMany says that a limit is reached; RetryAfter says until when.
var ErrTooMany = fault.New(fault.TooMany, "limit.reached")

// Rule is one limit: so many attempts within the window, then a pause.
type Rule struct {
	Max    int
	Window time.Duration
	Pause  time.Duration
}

// Names of the limits.
const (
	PasswordAccount    = "login.password.account" // row 23: five wrong, then 15 minutes
	PasswordKnown      = "login.password.known"   // the same, for a browser that signed in before
	PasswordAddress    = "login.password.address"
	RegisterMail       = "register.mail"
	RegisterMailGap    = "register.mail.gap"
	RegisterAddress    = "register.address"
	RecoverMail        = "recover.mail"
	RecoverMailGap     = "recover.mail.gap"
	RecoverAddress     = "recover.address"
	NumberChallenge    = "number.challenge"
	NumberPerAddress   = "number.address"
	MailedCode         = "mail.code"
	PushPerLogin       = "push.login"         // row 7
	PushPerAccount     = "push.account"       // row 7
	CodeAccount        = "login.code"         // wrong answers to challenges, over all methods of an account
	CodeAddress        = "login.code.address" // the same, where nobody was named
	KeyPerLogin        = "key.login"          // challenges for security keys and passkeys
	TOTPAsked          = "totp.asked"         // questions without a right answer
	RecoveryAsked      = "recovery.asked"
	SMSAccount         = "sms.account" // sign-in codes; row 10, and row 46 against pumping
	SMSNumber          = "sms.number"
	SMSAddress         = "sms.address"
	QRAsked            = "qr.asked"      // QR codes of sign-ins, of an account; row 8
	HereLogin          = "here.login"    // row 9
	LostMail           = "lost.mail"     // row 18
	HelpdeskLook       = "helpdesk.look" // row 40
	HelpdeskMail       = "helpdesk.mail"
	DeviceCode         = "device.code"         // user codes typed (RFC 8628 §5.1)
	ClientRegister     = "client.register"     // clients that register themselves, and tokens tried for it
	BackchannelUnknown = "backchannel.unknown" // people that a service asked for and that do not use it
	ClientManage       = "client.manage"       // wrong registration access tokens
)

// Table is every limit, with its numbers (domain.md rows 2, 7, 10, 18, 22, 23, 46).
var Table = map[string]Rule{
	PasswordAccount:    {5, 15 * time.Minute, 15 * time.Minute},
	PasswordKnown:      {5, 15 * time.Minute, 15 * time.Minute},
	PasswordAddress:    {60, 15 * time.Minute, 15 * time.Minute},
	RegisterMail:       {5, time.Hour, time.Hour},
	RegisterMailGap:    {1, time.Minute, time.Minute},
	RegisterAddress:    {60, time.Hour, 15 * time.Minute},
	RecoverMail:        {5, time.Hour, time.Hour},
	RecoverMailGap:     {1, time.Minute, time.Minute},
	RecoverAddress:     {60, time.Hour, 15 * time.Minute},
	NumberChallenge:    {5, time.Hour, time.Hour},
	NumberPerAddress:   {20, time.Hour, time.Hour},
	MailedCode:         {10, 15 * time.Minute, 15 * time.Minute},
	PushPerLogin:       {3, 15 * time.Minute, 15 * time.Minute},
	PushPerAccount:     {10, time.Hour, 10 * time.Minute},
	CodeAccount:        {10, 15 * time.Minute, 15 * time.Minute},
	CodeAddress:        {60, 15 * time.Minute, 15 * time.Minute},
	KeyPerLogin:        {60, time.Hour, 5 * time.Minute},
	TOTPAsked:          {10, 15 * time.Minute, 15 * time.Minute},
	RecoveryAsked:      {10, time.Hour, time.Hour},
	SMSAccount:         {10, time.Hour, time.Hour},
	SMSNumber:          {10, time.Hour, time.Hour},
	SMSAddress:         {60, time.Hour, 15 * time.Minute},
	QRAsked:            {10, 15 * time.Minute, 15 * time.Minute},
	HereLogin:          {10, 15 * time.Minute, 15 * time.Minute},
	LostMail:           {3, 24 * time.Hour, 24 * time.Hour},
	HelpdeskLook:       {60, time.Hour, time.Hour},
	HelpdeskMail:       {3, time.Hour, time.Hour},
	BackchannelUnknown: {20, 15 * time.Minute, 15 * time.Minute},
	DeviceCode:         {20, 15 * time.Minute, 15 * time.Minute},
	ClientRegister:     {60, time.Hour, 15 * time.Minute},
	ClientManage:       {30, 15 * time.Minute, 15 * time.Minute},
}

// Limits counts. It is safe for concurrent use.
type Limits struct {
	store kv.Store
	now   func() time.Time
}

// New makes the counters on an expiring store.
func New(store kv.Store, now func() time.Time) *Limits { return &Limits{store: store, now: now} }

// count is what is kept of one counter.
type count struct {
	N      int       `json:"n"`
	Begun  time.Time `json:"b"`
	Paused time.Time `json:"p,omitzero"` // until
}

// Hit counts one attempt, and gives ErrTooMany with the pause that is left when it must not
// happen. The attempt that reaches the limit still happens; the pause begins with it.
func (l *Limits) Hit(ctx context.Context, name, key string) error {
	rule, ok := Table[name]
	if !ok {
		return fmt.Errorf("limit: no limit is called %q", name)
	}
	var refused time.Duration
	_, err := kv.Update(ctx, l.store, place(name, key), rule.Window+rule.Pause, func(c *count) error {
		now := l.now()
		refused = 0
		if now.Before(c.Paused) {
			refused = c.Paused.Sub(now)
			return nil
		}
		if c.N >= rule.Max || now.Sub(c.Begun) >= rule.Window {
			*c = count{Begun: now}
		}
		if c.N++; c.N >= rule.Max {
			c.Paused = now.Add(rule.Pause)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if refused > 0 {
		return ErrTooMany.After(refused)
	}
	return nil
}

// Paused says until when attempts are refused; the zero time when they are not.
func (l *Limits) Paused(ctx context.Context, name, key string) (time.Time, error) {
	c, err := kv.GetJSON[count](ctx, l.store, place(name, key))
	if fault.KindOf(err) == fault.NotFound {
		return time.Time{}, nil
	}
	if err != nil || !l.now().Before(c.Paused) {
		return time.Time{}, err
	}
	return c.Paused, nil
}

// Reset forgets a counter, after a success.
func (l *Limits) Reset(ctx context.Context, name, key string) error {
	return l.store.Drop(ctx, place(name, key))
}

// Forgive takes one attempt back: it turned out right, or could not be looked at. A pause
// that began with it ends.
func (l *Limits) Forgive(ctx context.Context, name, key string) error {
	rule, ok := Table[name]
	if !ok {
		return fmt.Errorf("limit: no limit is called %q", name)
	}
	_, err := kv.Update(ctx, l.store, place(name, key), rule.Window+rule.Pause, func(c *count) error {
		if c.N--; c.N < 0 {
			return errNothing // never counted, or forgotten meanwhile
		}
		if c.N < rule.Max {
			c.Paused = time.Time{}
		}
		return nil
	})
	if errors.Is(err, errNothing) {
		return nil
	}
	return err
}

var errNothing = errors.New("limit: nothing to forgive")

// Network gives the key under which attempts from an address count: the address itself, or
// for IPv6 its /64, of which one subscriber has all.
func Network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil || ip.Unmap().Is4() {
		return address
	}
	p, err := ip.Prefix(64)
	if err != nil {
		return address
	}
	return p.String()
}

// place digests the key: it may be what somebody typed.
func place(name, key string) string { return "limit:" + name + ":" + ident.Digest(key)[:32] }
