package mailproof

import (
	"encoding/json"
	"slices"
	"time"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/fault"
)

// Purpose is what a ticket is good for; a ticket of one purpose is unknown to the others.
type Purpose string

// The limits of a ticket.
const (
	CodeLength = 8                // characters of the code, shown as xxxx-xxxx
	MaxTries   = 5                // wrong codes; the link still works after that
	UseWithin  = 30 * time.Minute // from the proof to its use
	kept       = 48 * time.Hour   // how long a spent link can still be told from a wrong one
	maxOld     = 20               // replaced links that are remembered
)

// The ways in which a link or code proves nothing.
var (
	ErrUnknown  = fault.New(fault.NotFound, "mailproof.unknown")
	ErrExpired  = fault.New(fault.Gone, "mailproof.expired")
	ErrUsed     = fault.New(fault.Gone, "mailproof.used")
	ErrReplaced = fault.New(fault.Gone, "mailproof.replaced")
	ErrWrong    = fault.New(fault.Invalid, "mailproof.wrong")
	ErrTries    = fault.New(fault.TooMany, "mailproof.tries")
)

// Ticket is the record of one proof.
type Ticket struct {
	ID      string          `json:"id"`
	Purpose Purpose         `json:"purpose"`
	Account ident.AccountID `json:"account,omitempty"`
	Email   string          `json:"email,omitempty"`
	Data    json.RawMessage `json:"data,omitempty"` // the purpose's own; gone when done
	Asker   string          `json:"asker"`          // digest of the browser that asked
	Void    bool            `json:"void,omitempty"` // no mail with a secret went out; nothing can prove it

	SentAt    time.Time `json:"sent_at"`
	ExpiresAt time.Time `json:"expires_at"` // of link and code
	Link      string    `json:"link"`       // digest
	Code      string    `json:"code"`       // digest
	Tries     int       `json:"tries,omitempty"`
	Old       []string  `json:"old,omitempty"` // digests of replaced links

	ProvedAt time.Time `json:"proved_at,omitzero"`
	ProvedBy string    `json:"proved_by,omitempty"` // "link" or "code"
	Browser  string    `json:"browser,omitempty"`   // digest of the browser that proved it
	DoneAt   time.Time `json:"done_at,omitzero"`
}

// Secrets are what a mail carries. They exist in the mail and nowhere else.
type Secrets struct {
	Token string // for the link: "<ticket id>.<secret>"
	Code  string // grouped by a hyphen
}

// linkState judges a presented link digest at the moment now, for a browser.
func (t *Ticket) linkState(digest, browser string, now time.Time) error {
	switch {
	case slices.Contains(t.Old, digest):
		return ErrReplaced
	case t.Void || !ident.Same(t.Link, digest):
		return ErrUnknown
	case !t.DoneAt.IsZero():
		return ErrUsed
	case !t.ProvedAt.IsZero() && (browser == "" || t.Browser != browser):
		return ErrUsed
	case !t.ProvedAt.IsZero():
		return t.usable(browser, now)
	case now.After(t.ExpiresAt):
		return ErrExpired
	}
	return nil
}

// usable says whether this browser proved the ticket, not too long ago, and it is not done.
func (t *Ticket) usable(browser string, now time.Time) error {
	switch {
	case t.ProvedAt.IsZero() || t.Browser == "" || !ident.Same(t.Browser, browser):
		return ErrUnknown
	case !t.DoneAt.IsZero():
		return ErrUsed
	case now.After(t.ProvedAt.Add(UseWithin)):
		return ErrExpired
	}
	return nil
}

func (t *Ticket) prove(by, browser string, now time.Time) {
	t.ProvedAt, t.ProvedBy, t.Browser = now, by, browser
}

// arm gives the ticket new secrets; what was sent before is replaced.
func (t *Ticket) arm(linkDigest, codeDigest string, now time.Time, validFor time.Duration) {
	if t.Link != "" && !t.Void {
		t.Old = append(t.Old, t.Link)
		t.Old = t.Old[max(0, len(t.Old)-maxOld):]
	}
	t.Link, t.Code, t.Tries = linkDigest, codeDigest, 0
	t.SentAt, t.ExpiresAt = now, now.Add(validFor)
	t.ProvedAt, t.ProvedBy, t.Browser = time.Time{}, "", ""
}
